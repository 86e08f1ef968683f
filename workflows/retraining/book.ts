/** How a round stands, as the query and the UI's current details show it. */
import { isCancellation, setCurrentDetails } from '@temporalio/workflow';
import type { Standing } from '../../activities/champions/index.js';
import type { RecordedDecision } from '../../config/decisions.js';
import type { RoundProgress } from '../../config/progress.js';
import type { RetrainResult } from '../../config/retraining.js';
import { rootOf } from '../failures.js';

export class RoundBook {
  decisions: readonly RecordedDecision[] = [];
  standing: Standing | null = null;
  private readonly facts: Omit<RoundProgress, 'decisions'>;

  constructor(run: string) {
    this.facts = {
      run,
      state: 'running',
      verdict: 'The task is being looked at.',
      step: 'openRound',
      question: null,
      reportUri: null,
      outcome: null,
      budget: null,
      challengerRun: null,
    };
  }

  progress(): RoundProgress {
    const decisions = this.decisions.map(({ id, verdict, reason }) => ({ id, verdict, reason }));
    return { ...this.facts, decisions };
  }

  decided(decision: RecordedDecision): void {
    this.decisions = [...this.decisions.filter(({ id }) => id !== decision.id), decision];
    this.show();
  }

  tell(change: Partial<Omit<RoundProgress, 'decisions' | 'run'>>): void {
    Object.assign(this.facts, change);
    this.show();
  }

  close({ verdict, reason }: Pick<RetrainResult, 'verdict' | 'reason'>): void {
    const state = verdict === 'refused' ? 'notSolved' : 'done';
    this.tell({ state, step: 'closed', outcome: verdict, question: null, verdict: `${verdict}: ${reason}` });
  }

  closeFailed(error: unknown): void {
    const root = rootOf(error);
    const says = root instanceof Error ? root.message.split('\n')[0] : String(root);
    const cancelled = isCancellation(error);
    this.tell({
      state: cancelled ? 'cancelled' : 'failed',
      question: null,
      verdict: cancelled ? 'Cancelled by a person; the champion stays.' : `Failed: ${says} The champion stays.`,
    });
  }

  private show(): void {
    const { verdict, question, state, step, run, challengerRun, reportUri } = this.facts;
    const champion = this.standing?.champion ?? null;
    const rows = [
      ...(this.standing ? [`| champion | ${champion ? `${champion.run}: ${champion.modelUri}` : 'none yet'} |`] : []),
      ...(this.standing ? [`| history | ${this.standing.folder} |`] : []),
      ...(challengerRun ? [`| challenger's run | ${challengerRun} |`] : []),
      ...(reportUri ? [`| its report | ${reportUri} |`] : []),
    ];
    const decisions = this.decisions.map(({ id, verdict: said, reason }) => `- **${id}**: **${said}**. ${reason}`);
    const sections = [
      `### ${verdict}`,
      ...(question ? [`**A question for you:** ${question}`] : []),
      `state **${state}** · step **${step}** · run ${run}`,
      ...(rows.length > 0 ? [['| | |', '| --- | --- |', ...rows].join('\n')] : []),
      ...(decisions.length > 0 ? ['#### Decisions', decisions.toReversed().join('\n')] : []),
    ];
    setCurrentDetails(sections.join('\n\n').slice(0, maximumDetails));
  }
}

/** The UI sends details as one query address, which proxies cut at 8 KB. */
const maximumDetails = 4000;
