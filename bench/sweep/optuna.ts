/** Optuna's TPE with its pruner of successive halving, on the same space, trainer and rungs, in an environment of its own. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { cacheFolder, thisMachine } from '../../cli/setup/machine.js';
import type { SweepSettings, Tuning } from '../../config/sweep.js';
import { type Outcome, rankedOf } from '../../workflows/policies/sweep/outcome.js';
import { planRungs } from '../../workflows/policies/sweep/rungs.js';
import type { SweepWorld } from '../../workflows/sweeping/world.js';
import { environmentOf } from '../loaders/environment.js';
import { passesOf, space } from './space.js';

const requirements = ['optuna==5.0.0'];

export interface OptunaSearch {
  world: SweepWorld;
  defaults: Tuning;
  /** Passes over the data that it may take in all. */
  passes: number;
  sweep: SweepSettings;
  seed: number;
}

type Answer = Partial<{ number: number; learningRate: number; batchSize: number; prune: boolean }>;

/** Trials one after the other until the passes are spent; its choice is the best of those that came to the end. */
export async function searchByOptuna({ world, defaults, passes, sweep, seed }: OptunaSearch) {
  const python = await environmentOf(path.join(cacheFolder(thisMachine()), 'bench-optuna'), requirements);
  const optuna = new Optuna(python, { ...space, eta: sweep.eta, seed });
  const rungs = planRungs(sweep);
  const table: Outcome[] = [];
  try {
    while (passesOf(table) + (rungs[0]?.epochs ?? 0) <= passes) {
      const { number = 0, learningRate = 0, batchSize = 0 } = await optuna.ask({ do: 'ask' });
      const tuning = { ...defaults, learningRate, batchSize };
      let below: Outcome | null = null;
      for (const [index, { epochs }] of rungs.entries()) {
        const more: number = epochs - (below?.epochs ?? 0);
        if (passesOf(table) + more > passes) break;
        const wish = { trial: `trial-${number + 1}`, tuning, rung: index + 1, seed: 1, epochs, below };
        const [outcome] = (await world.train([wish])) as [Outcome];
        table.push(outcome);
        below = outcome;
        if (outcome.failed !== null || outcome.loss === null) break;
        const { prune } = await optuna.ask({ do: 'report', number, resource: sweep.eta ** index, loss: outcome.loss });
        if (prune) break;
      }
      const ended = below?.failed === null && below.rung === rungs.length;
      const state = below === null || below.failed !== null ? 'FAIL' : ended ? 'COMPLETE' : 'PRUNED';
      await optuna.ask({ do: 'tell', number, state, ...(ended ? { loss: below?.loss } : {}) });
    }
  } finally {
    optuna.end();
  }
  const last = Math.max(...table.map(({ rung }) => rung));
  return { table, chosen: rankedOf(table.filter(({ rung }) => rung === last))[0] ?? null };
}

/** The process, one question at a time. */
class Optuna {
  private readonly process;
  private readonly answers;

  constructor(python: string, settings: object) {
    const script = path.join(packageFolder, 'bench', 'sweep', 'ask_optuna.py');
    this.process = spawn(python, [script, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async ask(request: object): Promise<Answer> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('Optuna ended before it answered; its words are above.');
    return JSON.parse(value) as Answer;
  }

  end(): void {
    this.process.stdin.end();
  }
}
