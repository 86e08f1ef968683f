import fc from 'fast-check';
import { type CurvePoint, forecast } from '../../../workflows/policies/learningCurve.js';
import { nextSlices, type SliceFigures } from '../../../workflows/policies/nextSlices.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';
import { volumeAdvice } from '../../../workflows/policies/volumeAdvice.js';
import { shareOf } from './builders.js';

const sizes = [125, 250, 500, 1000];

/** Truths of methods M2: the error at 1,000 records, at 4,000, and the floor. */
const truths = [
  { now: 0.127, ahead: 0.086, floor: 0.02 },
  { now: 0.143, ahead: 0.112, floor: 0.08 },
  { now: 0.221, ahead: 0.172, floor: 0.02 },
];

function curveOf(error: (n: number) => number, total: number, seed?: number): CurvePoint[] {
  const random = seed === undefined ? null : uniformFrom(seed);
  return sizes.map((n) => {
    const correct = random
      ? Array.from({ length: total }, random).filter((drawn) => drawn >= error(n)).length
      : Math.round(total * (1 - error(n)));
    return { n, correct, total };
  });
}

const truthOf = ({ now, ahead, floor }: (typeof truths)[number]) => {
  const b = Math.log((now - floor) / (ahead - floor)) / Math.log(4);
  return (n: number) => floor + (now - floor) * (n / 1000) ** -b;
};

describe('forecast (methods M2)', () => {
  it.each(truths)('holds the error at four times the data in 9 of 10 runs: $now falls to $ahead', (truth) => {
    const runs = 60;
    const held = Array.from({ length: runs }, (_, seed) => {
      const ahead = forecast(curveOf(truthOf(truth), 300, seed + 1))?.errorAt(4000);
      return ahead && ahead.least <= truth.ahead && truth.ahead <= ahead.most;
    }).filter(Boolean).length;
    expect(held / runs).toBeGreaterThanOrEqual(0.9);
  });

  it('never speaks of more than four times the largest size', () => {
    const ahead = forecast(curveOf((n) => 2 / Math.sqrt(n), 1000));
    expect(ahead?.errorAt(1e9)).toEqual(ahead?.errorAt(4000));
  });

  it('needs three sizes and sound counts', () => {
    const [one, two, three] = curveOf(() => 0.2, 100);
    if (!one || !two || !three) throw new Error('no points');
    expect(forecast([one, two])).toBeNull();
    expect(forecast([one, one, one])).toBeNull();
    expect(forecast([one, two, { ...three, correct: 101 }])).toBeNull();
  });

  it('is total and the same each time', () => {
    const point = fc.record({
      n: fc.integer({ min: 1, max: 10_000 }),
      correct: fc.nat(50),
      total: fc.integer({ min: 50, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 5 }), (points) => {
        const [one, other] = [forecast(points), forecast(points)];
        expect(one?.errorAt(2000)).toEqual(other?.errorAt(2000));
        if (one) expect(Number.isNaN(one.errorAt(2000).most)).toBe(false);
      }),
      { numRuns: 20, seed: 4 },
    );
  });
});

describe('volumeAdvice (R6)', () => {
  it('wants more for harder failures, and what a person says of the task goes before', () => {
    expect(volumeAdvice({ failure: 'formatUnstable', train: 60 }).verdict).toBe('enough');
    expect(volumeAdvice({ failure: 'partlyCovered', train: 60 }).verdict).toBe('collectMore');
    expect(volumeAdvice({ failure: 'capabilityMissing', train: 1000 })).toMatchObject({
      verdict: 'collectMore',
      evidence: { basis: 'table', least: 10_000, most: 20_000, missing: 9000 },
    });
    expect(volumeAdvice({ failure: 'harness', train: 0 }).verdict).toBe('enough');
    expect(volumeAdvice({ failure: 'formatUnstable', train: 60, difficulty: 'hard' }).verdict).toBe('collectMore');
    expect(volumeAdvice({ failure: 'unclear', train: 60 })).toMatchObject({
      verdict: 'cannotTell',
      settles: expect.stringContaining('learning curve'),
    });
  });

  it('gives these figures for a curve of clean counts', () => {
    const curve = curveOf((n) => 0.127 * (n / 1000) ** -0.3, 2000);
    const advice = volumeAdvice({ failure: 'partlyCovered', train: 1000, target: 0.9, curve });
    expect(advice).toMatchObject({
      verdict: 'collectMore',
      reason: expect.stringContaining('1600 or more records for an error of 10.0 %; there are 1000. Past 4000 nothing'),
      evidence: { basis: 'curve', least: 1600, most: null, measuredTo: 1000, missing: 3000, wantedError: '0.1' },
    });
    expect(volumeAdvice({ failure: 'partlyCovered', train: 1000, target: 0.85, curve }).verdict).toBe('enough');
    const far = volumeAdvice({ failure: 'partlyCovered', train: 1000, target: 0.99, curve });
    expect(far).toMatchObject({ verdict: 'collectMore', evidence: { least: null, missing: 1000 } });
    expect(far.reason).toContain('more than 4000');
  });

  it('says plateau where doubling surely gains little, and cannotTell where it was measured roughly', () => {
    const figures = { failure: 'partlyCovered', train: 1000, target: 0.95 } as const;
    expect(volumeAdvice({ ...figures, curve: curveOf(() => 0.2, 2000) }).verdict).toBe('plateau');
    expect(volumeAdvice({ ...figures, curve: curveOf(() => 0.3, 60) })).toMatchObject({
      verdict: 'cannotTell',
      settles: expect.stringContaining('held-out'),
    });
  });

  it('wants no fewer records for a higher target', () => {
    const curve = curveOf((n) => 0.2 * (n / 1000) ** -0.4, 1000);
    const wanted = [0.82, 0.85, 0.88].map(
      (target) => volumeAdvice({ failure: 'partlyCovered', train: 1000, target, curve }).evidence['least'],
    );
    expect(wanted).toEqual(wanted.toSorted((a, b) => Number(a) - Number(b)));
  });
});

describe('nextSlices', () => {
  const slice = (name: string, train: number, right: number, n = 100): SliceFigures => ({
    name,
    train,
    score: shareOf(right, n),
  });
  const whole = { train: 900, score: shareOf(240, 300) };

  it('gives two thirds to slices that fail and fills the others evenly', () => {
    const slices = [slice('good', 400, 90), slice('small', 100, 90), slice('bad', 400, 60)];
    expect(nextSlices(slices, { ...whole, missing: 300 })).toEqual([
      { name: 'bad', there: 400, fails: true, collect: 200 },
      { name: 'small', there: 100, fails: false, collect: 100 },
    ]);
  });

  it('fills up the smallest where none fails', () => {
    const slices = [slice('a', 500, 80), slice('b', 300, 80), slice('c', 100, 80)];
    const next = nextSlices(slices, { ...whole, missing: 400 });
    expect(next.map(({ name, collect }) => [name, collect])).toEqual([
      ['c', 300],
      ['b', 100],
    ]);
  });

  it('judges no slice of fewer than 20 items, and names five at most', () => {
    const few = Array.from({ length: 30 }, (_, index) => slice(`s${index}`, index, 0, 10));
    const next = nextSlices(few, { ...whole, missing: 1000 });
    expect(next).toHaveLength(5);
    expect(next.every(({ fails }) => !fails)).toBe(true);
    expect(nextSlices([], { ...whole, missing: 10 })).toEqual([]);
  });

  it('spreads no more than is missing, rounding aside', () => {
    const counts = fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(counts, fc.nat(5000), (trains, missing) => {
        const next = nextSlices(
          trains.map((train, index) => slice(`${index}`, train, 80)),
          { ...whole, missing },
        );
        const total = next.reduce((sum, { collect }) => sum + collect, 0);
        expect(Math.abs(total - missing)).toBeLessThanOrEqual(trains.length);
      }),
      { seed: 9 },
    );
  });
});
