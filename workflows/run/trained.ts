import { isCancellation } from '@temporalio/workflow';
import type { TrainRunResult } from '../../config/steps.js';
import type { Checkpoint } from '../../config/training.js';
import { failure, isProblem, rootOf } from '../failures.js';

/** The last checkpoint of a training that worked; a failed one ends the run with the trainer's words. */
export function requireCheckpoint(trained: TrainRunResult): Checkpoint {
  const last = trained.checkpoints.at(-1);
  if (last && !trained.failed) return last;
  if (trained.outOfBudget) throw budgetSpent(trained);
  throw failure({
    type: 'TrainingFailed',
    what: `The training ${trained.name} did not work: ${trained.failed ?? 'it left no checkpoint'}.`,
    where: trained.summary.eventsUri.replace('events.jsonl', 'log.txt'),
    todo: 'Read the end of that log; a lower learning rate or a smaller batch are the usual remedies.',
  });
}

/** All training was ended at a cap of the budget, and what there is of this one is of no use to its step. */
export function budgetSpent({ name, summary }: TrainRunResult) {
  return failure({
    type: 'BudgetSpent',
    what: `The training ${name} was ended at a cap of the budget.`,
    where: summary.eventsUri,
    todo: 'Run the task again with a larger budget.',
  });
}

/** Why a training that was thrown did not work; any other error goes on. */
export function failedTraining(error: unknown): string {
  const root = rootOf(error);
  if (isCancellation(error) || !isProblem(error, 'TrainingFailed') || !(root instanceof Error)) throw error;
  return root.message;
}

/** The checkpoint of one step, or the last one before it. */
export function checkpointAt(trained: TrainRunResult, step: number): Checkpoint | undefined {
  return trained.checkpoints.filter((each) => each.step <= step).at(-1);
}
