/** Compares what a model says by different ways. */
import type { Decision } from '../../config/decisions.js';
import type { RecordFigures } from '../../config/probing.js';
import type { Parity } from '../../config/report.js';
import { type CompareAnswersInput, type ComparedAnswers, compareAnswers } from './compareAnswers.js';
import { type ContestInput, holdContest } from './contest.js';
import { type CompareParityInput, compareParity } from './parity.js';
import { type ProbeRecordsInput, probeRecords } from './records.js';

export interface EvaluationDeps {
  log: Pick<Console, 'info'>;
}

export function createEvaluationActivities({ log }: EvaluationDeps) {
  return {
    /** The parity gate's figures: the same probes through the trainer and through the server. */
    async compareParity(input: CompareParityInput): Promise<Parity> {
      const parity = await compareParity(input);
      log.info('Compared trainer and server.', { probes: parity.probes, agree: parity.agree });
      return parity;
    },
    /** What the records of a training say of their own faults, with the served answers where there are some (R9). */
    async probeRecords(input: ProbeRecordsInput): Promise<RecordFigures> {
      const figures = await probeRecords(input);
      log.info('Probed the records.', { rows: figures.rows, asked: figures.asked, wrong: figures.wrong });
      return figures;
    },
    /** What one model gains over another on the same items. */
    compareAnswers: (input: CompareAnswersInput): Promise<ComparedAnswers> => compareAnswers(input),
    /** Whether a challenger takes the champion's place, by what both answered (methods M13). */
    holdContest: (input: ContestInput): Promise<Decision<'promote' | 'keep' | 'cannotTell'>> => holdContest(input),
  };
}
export type EvaluationActivities = ReturnType<typeof createEvaluationActivities>;
