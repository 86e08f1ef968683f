import type { Decision } from '../../config/decisions.js';
import type { DatasetRef } from '../../config/records.js';
import { percent } from './wording.js';

export interface DatasetLimits {
  /** Share of the rows read that may be rejected before a person is asked. */
  maximumRejected: number;
  minimumTrain: number;
  minimumTest: number;
  /** Records that a stage of high quality needs (R15, methods M9). */
  leastOfStage: number;
}

/** R4: is the data good enough to go on with? Merged duplicates are not rejected rows. */
export function datasetGate(dataset: DatasetRef, limits: DatasetLimits): Decision<'good' | 'askPerson' | 'refuse'> {
  const { read, used, merged, rejected, bySplit, questions, largestShare, ofQuality = [] } = dataset;
  const train = bySplit.train ?? 0;
  const test = bySplit.test ?? 0;
  const rejectedShare = read > 0 ? rejected / read : 0;
  const evidence = {
    read,
    used,
    merged,
    rejected,
    rejectedShare,
    train,
    test,
    largestShare,
    questions: questions.length,
  };
  const refuse = (reason: string) => ({ verdict: 'refuse' as const, reason, evidence });
  if (!(used > 0)) return refuse(`None of the ${read} rows read can be used.`);
  if (train < limits.minimumTrain)
    return refuse(`Only ${train} records to train on; at least ${limits.minimumTrain} are needed.`);
  if (test < limits.minimumTest)
    return refuse(`Only ${test} held-out records to test on; at least ${limits.minimumTest} are needed.`);
  const short = ofQuality.find(({ records }) => records < limits.leastOfStage);
  if (short)
    return refuse(
      `Only ${short.records} of ${train} training records have the quality ${short.least} that a stage asks for, or more; at least ${limits.leastOfStage} are needed (stages.between, data.quality.fineLeast).`,
    );
  if (!(rejectedShare <= limits.maximumRejected))
    return {
      verdict: 'askPerson',
      reason: `${rejected} of ${read} rows were rejected (${percent(rejectedShare)}; ${percent(limits.maximumRejected)} is allowed).`,
      evidence,
    };
  const [first] = questions;
  if (first !== undefined) return { verdict: 'askPerson', reason: first.slice(0, 500), evidence };
  const reason = `${used} of ${read} rows are used: ${train} to train on, ${test} held out; ${merged} duplicates merged.`;
  return { verdict: 'good', reason, evidence };
}
