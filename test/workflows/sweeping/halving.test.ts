import { type Conditions, type Searched, searchBesideGrid } from '../../../bench/sweep/simulated.js';
import { SweepSettings, type Tuning } from '../../../config/sweep.js';
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
    trials: 16,
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
    const { choice } = await simulate({
      settings: { batchSizes: [8, 16, 32] },
      lossOf: valley({ rate: 2.4, batch: 32 }),
    });
    expect(choice.chosen?.tuning.batchSize).toBe(32);
    expect(Math.abs(Math.log(Number(choice.chosen?.tuning.learningRate) / 2.4))).toBeLessThan(0.2);
  });

  it('takes rates to full length first, then one trial of each other setting, then the rates beside the best', async () => {
    const { wished } = await simulate({
      settings: { batchSizes: [8, 16, 32] },
      lossOf: valley({ rate: 2.4, batch: 32 }),
    });
    const begun = wished.filter(({ rung, seed, below }) => rung === 1 && seed === 1 && below === null);
    expect(begun.map(({ tuning }) => [tuning.learningRate, tuning.batchSize])).toEqual([
      ...[0.5, 1, 2, 4].map((rate) => [rate, 16]),
      ...[
        [1.41, 8],
        [2.83, 32],
      ],
      ...[2.25, 3.57].map((rate) => [rate, 32]),
    ]);
    const rates = wished.filter(({ trial }) => ['trial-1', 'trial-2'].includes(trial));
    expect(rates.map(({ rung }) => rung)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('leaves a rate that a lower one is surely ahead of, and says so', async () => {
    const lossOf = (wish: Wish) => valley({ rate: 1, batch: 16 })(wish) + 0.002 * wish.seed;
    const { wished, fates } = await simulate({ lossOf });
    expect(Math.max(...wished.filter(({ trial }) => trial === 'trial-4').map(({ rung }) => rung))).toBe(1);
    expect(fates.get('trial-4/1')).toBe(
      'left: 1 is already 0.1922 ahead of it, and a lower rate only gains with length',
    );
    expect(Math.max(...wished.filter(({ trial }) => trial === 'trial-1').map(({ rung }) => rung))).toBe(3);
  });

  it('goes on from the rung below instead of training again, and costs about a quarter of the grid', async () => {
    const { wished, passes, choice } = await simulate({
      settings: { batchSizes: [8, 16, 32], seeds: 1 },
      lossOf: valley({ rate: 2, batch: 16 }),
    });
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
    expect(wished.filter(({ tuning }) => tuning.learningRate === 8).map(({ rung }) => rung)).toEqual(
      expect.arrayContaining([1, 2, 3]),
    );
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

describe('halve beside a full grid of the same space (methods M6, simulated)', () => {
  const runs = (over: Partial<Conditions>) =>
    Promise.all(
      Array.from({ length: 300 }, (_, run) => searchBesideGrid(run + 1, { haste: 0.1, seedSd: 0.02, ...over })),
    );
  const mean = (all: readonly Searched[], of: keyof Searched) =>
    all.reduce((sum, run) => sum + run[of], 0) / all.length;

  it('regrets about what the grid does where seeds matter, for 27 % of its passes, and 55 % with the seeds', async () => {
    const all = await runs({});
    expect(mean(all, 'regret')).toBeLessThan(1.5 * mean(all, 'gridRegret'));
    expect(Math.max(...all.map(({ withoutSeeds }) => withoutSeeds))).toBeLessThanOrEqual(0.27);
    expect(Math.max(...all.map(({ whole }) => whole))).toBeLessThanOrEqual(0.55);
  });

  it('is not led astray by rates that learn fast and end worse', async () => {
    const [now, former] = [await runs({ haste: 0.3 }), await runs({ haste: 0.3, former: true })];
    expect(mean(now, 'regret')).toBeLessThan(1.5 * mean(now, 'gridRegret'));
    expect(mean(former, 'regret')).toBeGreaterThan(5 * mean(now, 'regret'));
  });
});
