import { RecipeSettings } from '../../../../config/settings.js';
import { estimate, sharesOf, trainerHoursOf } from '../../../../workflows/policies/budget/estimate.js';
import { mostSpent, planBudget } from '../../../../workflows/policies/budget/plan.js';

const settings = RecipeSettings.parse({
  sanity: { maximumExamples: 500, epochs: 10 },
  sweep: { learningRates: [1e-4, 1e-3], epochs: 3, extendAtEdge: false },
  mix: {
    ratios: [
      { business: 10, generic: 1 },
      { business: 1, generic: 1 },
    ],
    epochs: 3,
  },
  stages: { coarseEpochs: 4, fineEpochs: 3 },
  align: { when: 'off' },
});
const recipe = { settings, generic: null, model: { preset: 'tiny' } } as unknown as Parameters<typeof estimate>[0];
const withGeneric = { ...recipe, generic: {} } as typeof recipe;

describe('estimate', () => {
  it('splits rows by the shares of the recipe', () => {
    expect(sharesOf(recipe, 1000)).toEqual({ rows: 1000, train: 600, test: 250 });
  });

  it('adds up the samples of each stage: passes, rates, ratios with their generic parts, the heaviest for the stages', () => {
    const samples = Object.fromEntries(
      estimate(withGeneric, { rows: 1000, train: 600, test: 250 }).stages.map((stage) => [stage.name, stage.samples]),
    );
    expect(samples).toEqual({
      sanityCheck: 5000 * 1.5,
      sweep: 3600,
      mixGeneric: 600 * 1.1 * 3 + 1200 * 3,
      trainStaged: 1200 * 7,
    });
    expect(estimate(recipe, { rows: 1000, train: 600, test: 250 }).stages[3]?.samples).toBe(600 * 7);
  });

  it('is an upper bound: rates beyond the edge of the grid and pairs of preferences are counted too', () => {
    const samplesOf = (over: object, name: string) =>
      estimate({ ...recipe, settings: RecipeSettings.parse(over) }, { rows: 1000, train: 600, test: 250 }).stages.find(
        (stage) => stage.name === name,
      )?.samples;
    expect(samplesOf({ sweep: { learningRates: [1e-4, 1e-3], epochs: 3 } }, 'sweep')).toBe(600 * 3 * 4);
    const align = { items: 300, pairsPerItem: 2, imagePairs: 0.25, epochs: 1 };
    expect(samplesOf({ align }, 'alignPreferences')).toBe(800);
    expect(samplesOf({ align: { ...align, when: 'off' } }, 'alignPreferences')).toBeUndefined();
  });

  it('knows a time only where the speed of the model is known', () => {
    const known = estimate(recipe, { rows: 1000, train: 600, test: 250 });
    expect(trainerHoursOf(known)).toBeCloseTo((5000 * 1.5 + 3600 + 1800 + 4200) / 85 / 3600, 6);
    const other = estimate({ ...recipe, model: { ...recipe.model, preset: '8b' } }, { rows: 10, train: 6, test: 2 });
    expect(trainerHoursOf(other)).toBeNull();
  });
});

describe('planBudget', () => {
  const known = estimate(recipe, { rows: 1000, train: 600, test: 250 });
  const hours = trainerHoursOf(known) ?? 0;

  it.each([
    ['no cap', {}, {}, 'fits'],
    ['a cap above', { trainerHours: hours * 1.1 }, {}, 'fits'],
    ['a cap below', { trainerHours: hours * 0.9 }, {}, 'beyond'],
    ['too little money', { money: hours }, { trainerHour: 2 }, 'beyond'],
    ['enough money', { money: hours * 3 }, { trainerHour: 2 }, 'fits'],
    ['less wall clock than training alone takes', { wallClock: hours / 2 }, {}, 'beyond'],
  ] as const)('with %s', (_, caps, prices, verdict) => {
    expect(planBudget(caps, prices, known).verdict).toBe(verdict);
  });

  it('can not tell where the speed is not known', () => {
    const unknown = { ...known, samplesPerSecond: null };
    expect(mostSpent(unknown, {})).toBeNull();
    expect(planBudget({ trainerHours: 1 }, {}, unknown)).toMatchObject({
      verdict: 'cannotTell',
      settles: expect.any(String),
    });
  });
});
