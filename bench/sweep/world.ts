/** Trials trained by the real trainer outside of Temporal. A training that is there already is not made again. */
import path from 'node:path';
import { toPath } from '../../activities/storage/files.js';
import type { Outcome } from '../../workflows/policies/sweep/outcome.js';
import { outcomeOf } from '../../workflows/sweeping/outcomes.js';
import { specOf } from '../../workflows/sweeping/specs.js';
import type { SweepWorld, Wish } from '../../workflows/sweeping/world.js';
import { itemLosses, secondsOf } from '../lib/events.js';
import type { PreparedTask } from '../lib/preparedTask.js';
import type { Workbench } from '../lib/workbench.js';

export interface BenchWorld extends SweepWorld {
  decisions: { id: string; verdict: string; reason: string }[];
  /** Validation loss by item at the lowest point of a trial's curve, with one seed. */
  itemsOf(outcome: Outcome): Promise<Map<string, number>>;
}

/** `part` keeps the trainings of one search apart from those of another. */
export function worldOf(
  workbench: Workbench,
  { recipe, data }: PreparedTask,
  folder: string,
  part: string,
): BenchWorld {
  const jobs: { outcome: Outcome; job: string }[] = [];
  const decisions: BenchWorld['decisions'] = [];

  async function train(wish: Wish): Promise<Outcome> {
    const spec = specOf({ ...recipe, run: part }, data, wish);
    const job = path.join(folder, 'trainings', spec.key);
    const trained = await workbench.train(spec, job);
    const outcome = outcomeOf(wish, { ...trained, seconds: await secondsOf(job) });
    jobs.push({ outcome, job });
    return outcome;
  }

  return {
    decisions,
    train: async (wishes) => {
      const outcomes: Outcome[] = [];
      for (const wish of wishes) outcomes.push(await train(wish));
      return outcomes;
    },
    decide: async (id, { verdict, reason }) => {
      decisions.push({ id, verdict, reason });
    },
    tell: async () => undefined,
    // Kept: a bench that goes on with --resume looks at them again.
    release: async () => undefined,
    itemsOf: async ({ trial, seed, loss }) => {
      const own = jobs.filter(({ outcome }) => outcome.trial === trial && outcome.seed === seed);
      for (const { job } of own.filter(({ outcome }) => outcome.loss === loss)) {
        const items = await itemLosses(toPath(job), 'validation', ({ losses }) =>
          isRounded(losses['validation'], loss),
        );
        if (items !== null) return items;
      }
      throw new Error(`No evaluation of ${trial} has the loss ${loss}.`);
    },
  };
}

/** An outcome has the figures of the events to seven digits. */
function isRounded(exact: number | null | undefined, loss: number | null): boolean {
  return typeof exact === 'number' && loss !== null && Math.abs(exact - loss) <= 1e-6 * Math.abs(loss);
}
