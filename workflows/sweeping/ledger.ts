/** What a sweep has trained and spent so far, and what it may still train. */
import type { SweepSettings } from '../../config/sweep.js';
import { type Cost, fitBudget, noCost, sumOf } from '../policies/sweep/budget.js';
import type { Outcome } from '../policies/sweep/outcome.js';
import type { SweepWorld, Wish } from './world.js';

export class Ledger {
  readonly table: Outcome[] = [];
  readonly world: SweepWorld;
  private readonly released = new Set<Outcome>();
  private readonly settings: SweepSettings;

  constructor(settings: SweepSettings, world: SweepWorld) {
    this.settings = settings;
    this.world = world;
  }

  async train(wishes: readonly Wish[]): Promise<Outcome[]> {
    const outcomes = await this.world.train(wishes);
    this.table.push(...outcomes);
    return outcomes;
  }

  /** Lets go of what these left on the disk, once. */
  async release(outcomes: readonly Outcome[]): Promise<void> {
    const held = outcomes.filter((outcome) => !this.released.has(outcome));
    for (const outcome of held) this.released.add(outcome);
    await this.world.release(held);
  }

  find(trial: string, rung: number, seed: number): Outcome | undefined {
    return this.table.find((each) => each.trial === trial && each.rung === rung && each.seed === seed);
  }

  /** The wishes that the budget bears, the first ones first; says so where it does not bear all. */
  async afford(id: string, wishes: readonly Wish[]): Promise<readonly Wish[]> {
    const { budgetSteps: steps, budgetHours: hours } = this.settings;
    const plan = fitBudget(
      wishes.map((wish) => this.costOf(wish)),
      sumOf(this.table),
      { steps, hours },
    );
    if (plan.verdict !== 'fits') await this.world.decide(id, plan);
    return wishes.slice(0, plan.allowed);
  }

  /** What a training will take, by what the same trial took for each epoch so far, or the mean of all for each sample. */
  private costOf({ trial, tuning, epochs, below }: Wish): Cost {
    const whole = this.table.filter(({ failed }) => failed === null);
    const own = whole.filter((each) => each.trial === trial);
    const measured = own.length > 0 ? own : whole;
    const passes = measured.reduce((sum, each) => sum + each.addedEpochs, 0);
    if (passes === 0) return noCost;
    const { seconds } = sumOf(measured);
    const samples = measured.reduce((sum, each) => sum + each.steps * each.tuning.batchSize, 0);
    const more = epochs - (below?.epochs ?? 0);
    return { steps: Math.ceil((samples / passes / tuning.batchSize) * more), seconds: (seconds / passes) * more };
  }
}
