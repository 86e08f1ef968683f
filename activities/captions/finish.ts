/** From answers to captions: each listed picture gets its fate, and what passes the filters becomes a source of records. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { CaptionCounts, type CaptionFilters, type CaptionRow } from '../../config/captioning.js';
import { problem } from '../../config/problems.js';
import { fates, type LedgerRow } from '../../config/records.js';
import type { Endpoint } from '../../config/serving.js';
import { captionFault, normalCaption } from '../../workflows/policies/captionQuality.js';
import { withoutThoughts } from '../../workflows/policies/scoring/thoughts.js';
import { LineWriter } from '../data/build/lineWriter.js';
import { readIfThere } from '../processes/there.js';
import { readJsonLines, toPath, writeJson } from '../storage/files.js';
import { type CaptionAnswer, readAnswers } from './answers.js';
import { type Ask, promptDigests } from './ask.js';
import { WindowLine } from './buckets.js';
import { answersFolder, rangeOf, type Unanswered, unansweredFile } from './captionWindow.js';
import { DigestSet } from './digestSet.js';
import { listedFile, Settled, windowFile } from './listing.js';

export interface FinishInput {
  run: string;
  folderUri: string;
  answersUri: string;
  windows: number;
  /** Pictures that were listed: so many fates there must be. */
  pictures: number;
  /** Folder that pictures are named from. */
  root: string;
  endpoint: Endpoint;
  ask: Ask;
  filters: CaptionFilters;
  licence: string | null;
}

export interface Finished {
  /** Path of captions.jsonl. */
  captionsFile: string;
  counts: CaptionCounts;
}

type Fate = Pick<LedgerRow, 'fate' | 'reason' | 'detail'>;

interface Window {
  lines: WindowLine[];
  answers: Map<string, CaptionAnswer>;
  unanswered: Map<string, Unanswered>;
}

/**
 * Writes captions.jsonl, ledger.jsonl and, last of all, captioning.json; removes the windows. Throws `Internal` when a
 * picture has got lost.
 */
export async function finishCaptions(input: FinishInput, heartbeat: (pictures: number) => void): Promise<Finished> {
  const folder = toPath(input.folderUri);
  const summary = path.join(folder, 'captioning.json');
  const captionsFile = path.join(folder, 'captions.jsonl');
  const before = (await readIfThere(summary)) as { counts: unknown } | null;
  if (before !== null) return { captionsFile, counts: CaptionCounts.parse(before.counts) };
  const finishing = await Finishing.open(input, folder);
  try {
    for await (const row of readJsonLines(listedFile(folder))) await finishing.takeListed(Settled.parse(row));
    for (let window = 0; window < input.windows; window += 1) {
      await finishing.take(await readFinished(input, folder, window));
      heartbeat(finishing.counts.listed);
    }
  } finally {
    await finishing.close();
  }
  const { counts } = finishing;
  const sum = fates.reduce((total, fate) => total + counts[fate], 0);
  if (sum !== input.pictures) throw lostPictures(folder, input.pictures, sum);
  const { run, root, endpoint, ask, filters, licence } = input;
  await writeJson(summary, { schema: 'anneal.captions/1', run, root, endpoint, ask, filters, licence, counts });
  await rm(path.join(folder, 'windows'), { recursive: true, force: true });
  await rm(listedFile(folder), { force: true });
  return { captionsFile, counts };
}

async function readFinished(input: FinishInput, folder: string, window: number): Promise<Window> {
  const lines: WindowLine[] = [];
  for await (const line of readJsonLines(windowFile(folder, window))) lines.push(WindowLine.parse(line));
  const unanswered = new Map<string, Unanswered>();
  for await (const each of readJsonLines(unansweredFile(folder, window)) as AsyncIterable<Unanswered>)
    unanswered.set(each.key, each);
  const { answers } = await readAnswers(answersFolder(input.answersUri, input.ask), rangeOf(lines), input.run);
  return { lines, answers, unanswered };
}

class Finishing {
  readonly counts: CaptionCounts = {
    listed: 0,
    used: 0,
    merged: 0,
    rejected: 0,
    waiting: 0,
    leftOut: 0,
    byReason: {},
  };
  private readonly captions = new DigestSet();
  private readonly input: FinishInput;
  private readonly digests: string[];
  private readonly rows: LineWriter;
  private readonly ledger: LineWriter;

  private constructor(input: FinishInput, rows: LineWriter, ledger: LineWriter) {
    this.input = input;
    this.digests = promptDigests(input.ask);
    this.rows = rows;
    this.ledger = ledger;
  }

  static async open(input: FinishInput, folder: string): Promise<Finishing> {
    const rows = await LineWriter.open(path.join(folder, 'captions.jsonl'));
    return new Finishing(input, rows, await LineWriter.open(path.join(folder, 'ledger.jsonl')));
  }

  private async note(row: LedgerRow): Promise<void> {
    const { counts } = this;
    counts.listed += 1;
    counts[row.fate] += 1;
    if (row.reason !== null) counts.byReason[row.reason] = (counts.byReason[row.reason] ?? 0) + 1;
    await this.ledger.write(row);
  }

  /** What was settled when it was listed. */
  async takeListed({ fate, reason, detail, ...line }: Settled): Promise<void> {
    await this.note(this.fateOf({ key: '', prompt: 0, ...line }, { fate, reason, detail }));
  }

  async take({ lines, answers, unanswered }: Window): Promise<void> {
    let first: WindowLine | null = null;
    for (const line of lines) {
      if (first?.key === line.key) {
        const detail = `same content as ${this.nameOf(first.file)}`;
        await this.note(this.fateOf(line, { fate: 'merged', reason: 'samePicture', detail }));
        continue;
      }
      first = line;
      const answer = answers.get(line.key);
      if (answer) await this.judge(line, answer);
      else await this.note(this.withoutAnswer(line, unanswered.get(line.key)));
    }
  }

  async close(): Promise<void> {
    await this.rows.close().finally(() => this.ledger.close());
  }

  private async judge(line: WindowLine, answer: CaptionAnswer): Promise<void> {
    const { filters } = this.input;
    const given = answer.given === null ? null : withoutThoughts(answer.given).trim();
    const fault = captionFault({ ...answer, given }, filters);
    if (fault) return this.note(this.fateOf(line, { fate: 'rejected', ...fault }));
    const caption = given ?? '';
    if (filters.duplicates && !this.captions.add(normalCaption(caption))) {
      const detail = 'another picture has the same caption';
      return this.note(this.fateOf(line, { fate: 'leftOut', reason: 'captionRepeated', detail }));
    }
    await this.rows.write(this.rowOf(line, caption));
    await this.note(this.fateOf(line, { fate: 'used', reason: null, detail: null }));
  }

  private rowOf(line: WindowLine, answer: string): CaptionRow {
    const { endpoint, ask, licence } = this.input;
    return {
      id: this.nameOf(line.file),
      image: this.nameOf(line.file),
      question: ask.prompts[line.prompt] ?? '',
      answer,
      model: endpoint.model,
      endpoint: endpoint.server === null ? endpoint.baseUrl : null,
      prompt: this.digests[line.prompt] ?? '',
      licence,
    };
  }

  private withoutAnswer(line: WindowLine, found: Unanswered | undefined): LedgerRow {
    if (!found) return this.fateOf(line, { fate: 'waiting', reason: 'noAnswer', detail: 'it was not asked' });
    const { fate, reason, detail } = found;
    return this.fateOf(line, { fate, reason, detail });
  }

  private fateOf({ file, source = file, line = 1 }: WindowLine, fate: Fate): LedgerRow {
    return { source: this.nameOf(source), line, id: this.nameOf(file), split: null, ...fate };
  }

  /** From the folder that all pictures lie in, so that nothing depends on the machine. */
  private nameOf(file: string): string {
    return path.relative(this.input.root, file).split(path.sep).join('/');
  }
}

function lostPictures(folder: string, listed: number, fated: number): Error {
  return problem('Internal', {
    what: `The ledger does not add up: ${listed} pictures listed, ${fated} with a fate.`,
    where: folder,
    todo: 'Please report this: it is a fault of Anneal, and the captions are not used.',
  });
}
