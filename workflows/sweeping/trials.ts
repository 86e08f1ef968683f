/** The trials of a sweep as trainings of a run: each trial at each rung is a child workflow with an id of its own. */
import type { TrainingSummary } from '../../config/report.js';
import type { Datasets, TrainRunResult } from '../../config/steps.js';
import { jobFolder } from '../plan.js';
import type { Outcome } from '../policies/sweep/outcome.js';
import { gpu } from '../proxies.js';
import type { Step } from '../run/step.js';
import { failedTraining } from '../run/trained.js';
import { inLanes } from './lanes.js';
import { nameOf, outcomeOf, shownOf } from './outcomes.js';
import { specOf } from './specs.js';
import type { SweepWorld, Wish } from './world.js';

export function trialsOf(step: Step, data: Datasets): SweepWorld {
  const summaries = new Map<string, TrainingSummary>();
  const folders = new Map<string, string>();

  async function train(wish: Wish): Promise<Outcome> {
    const name = nameOf(wish);
    const spec = specOf(step.recipe, data, wish);
    folders.set(name, jobFolder(step.recipe, spec));
    const outcomeIn = (result: TrainRunResult) => outcomeOf(wish, { ...result, seconds: result.summary.seconds });
    const shown = (result: TrainRunResult): TrainingSummary => ({
      ...result.summary,
      trial: shownOf(outcomeIn(result), null),
    });
    const result = await step.train({ name, spec, watch: 'healthOnly' }, shown).catch(failedTraining);
    if (typeof result === 'string') return outcomeOf(wish, { points: [], checkpoints: [], failed: result, seconds: 0 });
    summaries.set(name, shown(result));
    return outcomeIn(result);
  }

  return {
    train: (wishes) => inLanes(wishes, step.recipe.settings.sweep.concurrency, train),
    release: async (outcomes) => {
      const known = outcomes.map((each) => folders.get(nameOf(each))).filter((folder) => folder !== undefined);
      if (known.length > 0) await gpu.discardCheckpoints({ folders: known });
    },
    decide: (id, decision) => step.decide(id, ['R10'], decision),
    tell: async (outcome, fate) => {
      const summary = summaries.get(nameOf(outcome));
      if (summary) await step.tellTraining({ ...summary, trial: shownOf(outcome, fate) });
    },
  };
}
