/** How a captioning stands, as the query and the UI's current details show it. */

import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, isCancellation, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { CaptionedWindow } from '../../activities/captions/captionWindow.js';
import { noCalls } from '../../config/captioning.js';
import type { Captioned, CaptionProgress } from '../../config/progress.js';
import { searchAttributes } from '../../config/queues.js';
import { rootOf } from '../failures.js';

const nothing: Captioned = { ...noCalls, windows: 0, pictures: 0, unanswered: 0 };

export const captionProgressQuery = defineQuery<CaptionProgress>('progress');

interface Figures {
  pictures: number;
  windows: number;
  folderUri: string;
}

export class CaptionBook {
  private state: CaptionProgress['state'] = 'running';
  private step: CaptionProgress['step'] = 'list';
  private verdict = 'The pictures are being listed.';
  private listed: Figures | null = null;
  /** Of the parts before this one. */
  private readonly before: Captioned;
  /** Of this part, by window: one that is asked again, by a server that was served anew, counts once. */
  private readonly windows = new Map<number, CaptionedWindow>();
  private startedAt = Date.now();
  private attributes: { name: string; model: string } | null = null;
  private readonly run: string;

  constructor(run: string, before: Captioned | undefined) {
    this.run = run;
    this.before = before ?? nothing;
  }

  /** Begins to show what was listed; `attributes` is null where this Temporal does not know ours. */
  begin(listed: Figures, attributes: { name: string; model: string } | null): void {
    this.listed = listed;
    this.attributes = attributes;
  }

  enter(step: CaptionProgress['step'], verdict: string): void {
    this.step = step;
    this.verdict = verdict;
    this.startedAt = Date.now();
    this.upsert({ [searchAttributes.step]: step });
    this.show();
  }

  took(window: number, done: CaptionedWindow): void {
    this.windows.set(window, done);
    this.verdict = this.soFar();
    this.show();
  }

  /** All parts together. */
  get captioned(): Captioned {
    const sum = { ...this.before };
    for (const done of this.windows.values()) {
      sum.windows += 1;
      for (const key of Object.keys(done) as (keyof CaptionedWindow)[]) sum[key] += done[key];
    }
    return sum;
  }

  close(verdict: string): void {
    this.state = 'done';
    this.verdict = verdict;
    this.upsert({ [searchAttributes.step]: 'closed', [searchAttributes.verdict]: 'captioned' });
    this.show();
  }

  closeFailed(error: unknown): void {
    const root = rootOf(error);
    this.state = isCancellation(error) ? 'cancelled' : 'failed';
    this.verdict =
      this.state === 'cancelled'
        ? 'Cancelled by a person; every answer that was received is kept.'
        : `Failed: ${root instanceof Error ? root.message.split('\n')[0] : String(root)}`;
    this.show();
  }

  progress(): CaptionProgress {
    return {
      run: this.run,
      state: this.state,
      step: this.step,
      verdict: this.verdict,
      ...this.captioned,
      ofPictures: this.listed?.pictures ?? 0,
      ofWindows: this.listed?.windows ?? 0,
      rate: this.rate(),
      folderUri: this.listed?.folderUri ?? null,
      live: this.step === 'caption' && this.state === 'running' ? this.soFar() : null,
      question: null,
      decisions: [],
    };
  }

  private rate(): number {
    let received = 0;
    for (const done of this.windows.values()) received += done.received;
    const seconds = (Date.now() - this.startedAt) / 1000;
    return this.step === 'caption' && seconds > 0 ? Math.round((10 * received) / seconds) / 10 : 0;
  }

  private soFar(): string {
    const { windows, received, reused, unanswered } = this.captioned;
    return (
      `${windows} of ${this.listed?.windows ?? 0} windows: ${received} answers received (${this.rate()} a second), ` +
      `${reused} were there before, ${unanswered} pictures without one.`
    );
  }

  private upsert(values: Record<string, string>): void {
    if (!this.attributes) return;
    const { name, model } = this.attributes;
    const all = { [searchAttributes.task]: name, [searchAttributes.model]: model, ...values };
    upsertSearchAttributes(
      Object.entries(all).map(([key, value]) => ({ key: defineSearchAttributeKey(key, 'KEYWORD'), value })),
    );
  }

  private show(): void {
    const { windows, received, reused, interrupted, unanswered, promptTokens, completionTokens } = this.captioned;
    const lines = [
      `### ${this.verdict}`,
      `state **${this.state}** · step **${this.step}** · run ${this.run}`,
      ...(this.listed
        ? [
            `- ${this.listed.pictures} pictures in ${this.listed.windows} windows, ${windows} of them done`,
            `- answers: ${received} received, ${reused} there before, ${interrupted} calls interrupted`,
            `- ${unanswered} pictures without an answer so far`,
            `- tokens: ${promptTokens} asked, ${completionTokens} answered`,
            `- folder: ${this.listed.folderUri}`,
          ]
        : []),
    ];
    setCurrentDetails(`${lines.slice(0, 2).join('\n\n')}\n\n${lines.slice(2).join('\n')}`);
  }
}
