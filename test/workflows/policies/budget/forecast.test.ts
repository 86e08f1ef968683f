import type { Estimate } from '../../../../config/budget.js';
import { forecastBudget, type Outlook } from '../../../../workflows/policies/budget/forecast.js';

const estimate: Estimate = {
  rows: 2000,
  trainRows: 1000,
  stages: [
    { name: 'sanityCheck', samples: 1000 },
    { name: 'sweep', samples: 4000 },
    { name: 'trainStaged', samples: 6000 },
  ],
  questions: 0,
  samplesPerSecond: null,
  speed: '',
};

type Reading = Outlook['readings'][number];

/** 16 samples a step, 10 samples a second. */
function reading(change: Partial<Reading> & { steps?: number } = {}): Reading {
  const { steps = 50, ...rest } = change;
  return {
    training: 'sweep/0.001',
    step: 'sweep',
    state: 'trains',
    pace: { steps, seconds: steps * 1.6 },
    stepsLeft: 25,
    samplesPerStep: 16,
    ...rest,
  };
}

/** 80 s are spent. */
function outlook(change: Partial<Outlook>): Outlook {
  return {
    caps: {},
    prices: {},
    spent: { money: null, trainerHours: 80 / 3600, wallClock: 100 / 3600 },
    readings: [reading()],
    estimate,
    ...change,
  };
}

describe('forecastBudget', () => {
  it('can not tell before a step is trained, and says what would settle it', () => {
    expect(forecastBudget(outlook({ readings: [] }))).toMatchObject({
      verdict: 'cannotTell',
      settles: expect.any(String),
    });
    const idle = [reading({ steps: 0, pace: { steps: 0, seconds: 30 } })];
    expect(forecastBudget(outlook({ readings: idle })).verdict).toBe('cannotTell');
  });

  it('learns the speed from the steps, and says early that the training that runs will pass a cap', () => {
    const caps = { trainerHours: 110 / 3600 };
    const { verdict, reason, evidence } = forecastBudget(outlook({ caps }));
    expect(verdict).toBe('willReach');
    expect(reason).toContain('At 10 samples/s sweep/0.001');
    expect(evidence).toMatchObject({ samplesPerSecond: 10 });
    expect(evidence['nowTrainerHours']).toBeCloseTo(120 / 3600, 9);
  });

  it('goes by the training’s own steps where others are faster', () => {
    const fast = reading({
      training: 'sanity',
      step: 'sanityCheck',
      state: 'ended',
      stepsLeft: 0,
      pace: { steps: 500, seconds: 8 },
    });
    const { evidence } = forecastBudget(outlook({ readings: [fast, reading()] }));
    expect(evidence['nowTrainerHours']).toBeCloseTo(120 / 3600, 9);
  });

  it('says of all that is still planned that it may pass a cap: this stage and those after it', () => {
    // 4000 - 800 + 6000 samples at 10 a second.
    const all = 80 + 920;
    expect(forecastBudget(outlook({ caps: { trainerHours: (all + 1) / 3600 } })).verdict).toBe('fits');
    const may = forecastBudget(outlook({ caps: { trainerHours: (all - 1) / 3600 } }));
    expect(may.verdict).toBe('mayReach');
    expect(may.evidence['allTrainerHours']).toBeCloseTo(all / 3600, 9);
  });

  it('counts no stage that is over, and none after the last', () => {
    const last = forecastBudget(
      outlook({
        readings: [
          reading({ state: 'ended', stepsLeft: 0 }),
          reading({ step: 'trainStaged', steps: 375, stepsLeft: 0 }),
        ],
      }),
    );
    expect(last.evidence['allTrainerHours']).toBeCloseTo(80 / 3600, 9);
    const after = forecastBudget(outlook({ readings: [reading({ step: 'alignPreferences' })] }));
    expect(after.evidence['allTrainerHours']).toBeCloseTo(120 / 3600, 9);
  });

  it('adds the hours of trainers side by side, and takes the longest of them for the wall clock', () => {
    const two = [reading({ training: 'a' }), reading({ training: 'b', stepsLeft: 50 })];
    const { evidence } = forecastBudget(outlook({ readings: two, estimate: null }));
    expect(evidence['nowTrainerHours']).toBeCloseTo((80 + 40 + 80) / 3600, 9);
    expect(evidence['nowWallClock']).toBeCloseTo((100 + 80) / 3600, 9);
  });

  it('counts money by the price of an hour, and none without one', () => {
    const spent = { money: 1, trainerHours: 80 / 3600, wallClock: 100 / 3600 };
    const prices = { trainerHour: 90 };
    expect(forecastBudget(outlook({ spent, prices, caps: { money: 1.9 } }))).toMatchObject({ verdict: 'willReach' });
    expect(forecastBudget(outlook({ spent, prices })).evidence['nowMoney']).toBeCloseTo(2, 9);
    expect(forecastBudget(outlook({})).evidence['nowMoney']).toBeNull();
  });
});
