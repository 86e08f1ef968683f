import { SweepSettings, type Tuning } from '../../../config/sweep.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';
import type { Outcome } from '../../../workflows/policies/sweep/outcome.js';
import { halve } from '../../../workflows/sweeping/halving.js';
import type { Wish } from '../../../workflows/sweeping/world.js';

const defaults: Tuning = { learningRate: 1, batchSize: 16, loraRank: null, warmupRatio: 0.03 };
const stepsPerEpoch = 10;

interface Simulation {
  settings?: Parameters<typeof SweepSettings.parse>[0] & object;
  seed?: number;
  lossOf: (wish: Wish) => number;
  failing?: (wish: Wish) => boolean;
}

/** A sweep whose trainings are made up. */
async function simulate({ settings = {}, seed = 1, lossOf, failing = () => false }: Simulation) {
  const decisions: Record<string, string> = {};
  const wished: Wish[] = [];
  const fates = new Map<string, string>();
  const released: Outcome[] = [];
  const outcomeOf = (wish: Wish): Outcome => {
    const { trial, tuning, rung, epochs, below } = wish;
    const addedEpochs = epochs - (below?.epochs ?? 0);
    return {
      trial,
      tuning,
      rung,
      seed: wish.seed,
      epochs,
      addedEpochs,
      loss: lossOf(wish),
      standardError: null,
      genericLoss: null,
      steps: Math.round((addedEpochs * stepsPerEpoch * 16) / tuning.batchSize),
      seconds: addedEpochs,
      checkpoint: `${trial}/${rung}`,
      failed: failing(wish) ? 'diverged' : null,
    };
  };
  const parsed = SweepSettings.parse({
    learningRates: [0.5, 1, 2, 4],
    extendAtEdge: false,
    trials: 27,
    epochs: 9,
    ...settings,
  });
  const choice = await halve(
    { settings: parsed, defaults, seed },
    {
      train: async (wishes) => {
        wished.push(...wishes);
        for (const { below } of wishes) if (below) expect(released).not.toContain(below);
        return wishes.map(outcomeOf);
      },
      release: async (outcomes) => released.push(...outcomes),
      decide: async (id, { verdict }) => {
        decisions[id] = verdict;
      },
      tell: async ({ trial, rung }, fate) => fates.set(`${trial}/${rung}`, fate),
    },
  );
  const passes = choice.table.reduce((sum, { addedEpochs }) => sum + addedEpochs, 0);
  return { choice, decisions, wished, fates, passes, released };
}

/** A valley over the rate on a log scale and the batch, deeper with more epochs. */
const valley =
  ({ rate, batch }: { rate: number; batch: number }) =>
  ({ tuning, epochs }: Wish) =>
    0.3 +
    0.1 * Math.log(tuning.learningRate / rate) ** 2 +
    0.02 * Math.log2(tuning.batchSize / batch) ** 2 +
    0.2 / epochs;

describe('halve (R10, methods M6)', () => {
  it('finds a planted best that no rate alone has: another batch, and a rate between those of the grid', async () => {
    const settings = { batchSizes: [8, 16, 32], rateSpread: 3 };
    const { choice } = await simulate({ settings, lossOf: valley({ rate: 2.8, batch: 32 }) });
    expect(choice.chosen?.tuning.batchSize).toBe(32);
    expect(Math.abs(Math.log(Number(choice.chosen?.tuning.learningRate) / 2.8))).toBeLessThan(0.35);
  });

  it('goes on from the rung below instead of training again, and costs about a quarter of the grid', async () => {
    const { wished, passes, choice } = await simulate({ lossOf: valley({ rate: 2, batch: 16 }) });
    for (const { rung, seed, below } of wished) expect(below === null).toBe(rung === 1 || seed > 1);
    expect(passes).toBeLessThanOrEqual(0.27 * 27 * 9);
    expect(choice.verdict).toBe('chosen');
  });

  it('extends the grid at its edge by its own ratio before it proposes', async () => {
    const { decisions, wished } = await simulate({
      settings: { extendAtEdge: true },
      lossOf: valley({ rate: 8, batch: 16 }),
    });
    expect(decisions['sweep/extend-1']).toBe('extend');
    expect(wished.some(({ tuning }) => tuning.learningRate === 8)).toBe(true);
    expect(new Set(wished.map(({ trial }) => trial)).size).toBe(27);
  });

  it('never goes on with a failed trial, and tells what became of each', async () => {
    const failing = ({ tuning }: Wish) => tuning.learningRate > 2;
    const { wished, fates, choice } = await simulate({ lossOf: valley({ rate: 3, batch: 16 }), failing });
    expect(wished.filter((wish) => wish.rung > 1 && failing(wish))).toEqual([]);
    expect([...fates.values()].some((fate) => fate.startsWith('failed: diverged'))).toBe(true);
    expect(choice.chosen?.tuning.learningRate).toBeLessThanOrEqual(2);
  });

  it('releases what nobody goes on from, and before that nothing that somebody does', async () => {
    const { released, choice } = await simulate({ lossOf: valley({ rate: 2, batch: 16 }) });
    expect(released).toHaveLength(choice.table.length - 1);
    expect(new Set(released).size).toBe(released.length);
    expect(released).not.toContain(choice.chosen);
  });

  it('chooses none when every trial fails', async () => {
    const { choice } = await simulate({ lossOf: () => 1, failing: () => true });
    expect(choice).toMatchObject({ verdict: 'noneWorked', chosen: null });
  });

  it.each([100, 300, 420, 600])(
    'never spends more than its %d steps, planned before each rung',
    async (budgetSteps) => {
      const { choice, decisions } = await simulate({
        settings: { budgetSteps, batchSizes: [8, 16, 32] },
        lossOf: valley({ rate: 2, batch: 8 }),
      });
      expect(choice.table.reduce((sum, { steps }) => sum + steps, 0)).toBeLessThanOrEqual(budgetSteps);
      expect(choice.verdict).toBe('chosen');
      if (budgetSteps < 600)
        expect(Object.values(decisions)).toEqual(expect.arrayContaining([expect.stringMatching(/cut|spent/)]));
    },
  );

  it('needs no further seeds where one setting alone is left', async () => {
    const { wished } = await simulate({ settings: { trials: 1, learningRates: [1] }, lossOf: () => 0.3 });
    expect(wished.map(({ seed }) => seed)).toEqual([1, 2, 3]);
  });
});

describe('halve beside a full grid on the same trials (methods M6, simulated)', () => {
  const trials = 27;
  const epochs = 9;

  /** True quality of each setting spread by .03, and curves that cross by .04 at the first rung. */
  async function compare(run: number, seedSd: number) {
    const uniform = uniformFrom(run * 7919 + 1);
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const quality = Array.from({ length: trials }, () => 0.3 + 0.03 * normal());
    const crossing = quality.map(() => 0.04 * normal());
    const of = (values: readonly number[], name: string) => values[Number(name.slice('trial-'.length)) - 1] ?? 0;
    const { choice, passes } = await simulate({
      settings: { minimumEffect: 0 },
      seed: run,
      lossOf: (wish) =>
        of(quality, wish.trial) +
        of(crossing, wish.trial) * (1 - Math.log(wish.epochs) / Math.log(epochs)) +
        seedSd * normal(),
    });
    const measured = quality.map((each) => each + seedSd * normal());
    const best = Math.min(...quality);
    const grid = (quality[measured.indexOf(Math.min(...measured))] ?? 0) - best;
    return { halving: of(quality, choice.chosen?.trial ?? '') - best, grid, passes };
  }

  it('regrets no more than the grid where seeds matter, at 55 % of its passes at most', async () => {
    const runs = await Promise.all(Array.from({ length: 300 }, (_, run) => compare(run + 1, 0.02)));
    const mean = (of: (run: (typeof runs)[number]) => number) =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    expect(mean(({ halving }) => halving)).toBeLessThan(mean(({ grid }) => grid));
    expect(mean(({ passes }) => passes)).toBeLessThan(0.5 * trials * epochs);
    expect(Math.max(...runs.map(({ passes }) => passes))).toBeLessThanOrEqual(0.55 * trials * epochs);
  });
});
