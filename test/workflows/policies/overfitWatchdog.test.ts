import fc from 'fast-check';
import type { EvaluationPoint } from '../../../config/training.js';
import { overfitWatchdog, type WatchdogLimits } from '../../../workflows/policies/overfitWatchdog.js';
import { foldEvents } from '../../../workflows/policies/progress.js';
import { loggedEvents, normalFrom, pointsOf } from './builders.js';

const limitsOf = (limits: Partial<WatchdogLimits> = {}): WatchdogLimits => ({
  window: 8,
  minimumPoints: 6,
  minimumEpochs: 1,
  genericBudget: 0.05,
  genericFloor: 0,
  plannedEnd: 10,
  minimumEffect: 0.01,
  plateauStops: false,
  ...limits,
});

/** Validation and generic loss by point: the five shapes of the table in methods M7, of which it gives the size but not the formula. */
const shapes = {
  plateau: { validation: (t: number) => 0.3 + 0.5 * Math.exp(-t / 4), generic: () => 1 },
  earlyJump: {
    validation: (t: number) => 0.3 + 0.5 * Math.exp(-t / 4),
    generic: (t: number) => 1 + 0.03 * Math.min(1, t / 3),
  },
  slowGain: { validation: (t: number) => 0.8 - t / 60, generic: () => 1 },
  turnsAt12: { validation: (t: number) => (t <= 12 ? 0.8 - t / 30 : 0.4 + 0.02 * (t - 12)), generic: () => 1 },
  nicheFrom8: {
    validation: (t: number) => 0.3 + 0.5 * Math.exp(-t / 8),
    generic: (t: number) => 1 + 0.01 * Math.max(0, t - 8),
  },
};

function noisy(shape: keyof typeof shapes, seed: number, deviation = 0.01): EvaluationPoint[] {
  const normal = normalFrom(seed);
  const series = (of: (t: number) => number) => Array.from({ length: 30 }, (_, t) => of(t) + deviation * normal());
  return pointsOf({ validation: series(shapes[shape].validation), generic: series(shapes[shape].generic) });
}

/** The point at which a run of this shape is stopped; null when it never is. */
function stopsAt(points: EvaluationPoint[], limits = limitsOf()): number | null {
  for (let last = limits.minimumPoints; last <= points.length; last++)
    if (overfitWatchdog(points.slice(0, last), limits).verdict === 'stop') return last - 1;
  return null;
}

function stops(shape: keyof typeof shapes): { share: number; middle: number; early: number } {
  const runs = Array.from({ length: 100 }, (_, run) => stopsAt(noisy(shape, run * 131 + 17)));
  const at = runs.filter((point) => point !== null).sort((a, b) => a - b);
  return {
    share: at.length / runs.length,
    middle: at[Math.floor(at.length / 2)] ?? Number.NaN,
    early: at[0] ?? Number.NaN,
  };
}

describe('overfitWatchdog on noisy runs (R16, methods M7)', () => {
  it('stops at most 5 % of healthy runs that end on a plateau', () =>
    expect(stops('plateau').share).toBeLessThanOrEqual(0.05));

  it('stops at most 3 % of healthy runs that gain slowly', () =>
    expect(stops('slowGain').share).toBeLessThanOrEqual(0.03));

  it('stops few runs whose generic loss jumps by 3 % early and then stays', () =>
    expect(stops('earlyJump').share).toBeLessThanOrEqual(0.12));

  it('stops every run whose validation loss turns, within 8 points of the turn', () => {
    const { share, middle, early } = stops('turnsAt12');
    expect(share).toBe(1);
    expect(middle - 12).toBeLessThanOrEqual(8);
    expect(early).toBeGreaterThanOrEqual(12);
  });

  it('misses at most 2 % of niche overfitting and sees it within 8 points', () => {
    const { share, middle, early } = stops('nicheFrom8');
    expect(share).toBeGreaterThanOrEqual(0.98);
    expect(middle - 8).toBeLessThanOrEqual(8);
    expect(early).toBeGreaterThanOrEqual(8);
  });
});

describe('overfitWatchdog (R16)', () => {
  const rising = Array.from({ length: 12 }, (_, t) => 1 + 0.02 * t);
  const falling = Array.from({ length: 12 }, (_, t) => 0.8 - 0.03 * t);

  it('names the niche when generic loss rises while validation falls', () => {
    const points = pointsOf({ validation: falling, generic: rising });
    const at = stopsAt(points) ?? 0;
    const decision = overfitWatchdog(points.slice(0, at + 1), limitsOf());
    expect(['nicheOverfit', 'genericBudgetSpent']).toContain(decision.cause);
    expect(decision.reason).toContain('R16');
    expect(decision.evidence).toMatchObject({ genericAtFirst: 1 });
  });

  it('stops on overfitting of the business data where there is no generic set', () => {
    const points = pointsOf({ validation: [...falling, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85] });
    expect(overfitWatchdog(points, limitsOf())).toMatchObject({ verdict: 'stop', cause: 'overfit' });
  });

  it('only watches a loss that rises while the answers still get better', () => {
    const validation = [...falling, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85];
    const exact = validation.map((_, t) => 0.5 + 0.02 * t);
    expect(overfitWatchdog(pointsOf({ validation }, exact), limitsOf())).toMatchObject({
      verdict: 'watch',
      cause: null,
    });
  });

  it('gives no verdict before 6 points, nor before an epoch', () => {
    expect(
      overfitWatchdog(pointsOf({ validation: [1, 2, 2, 2, 2].map((x) => x / 2), generic: [1, 2, 3, 4, 5] }), limitsOf())
        .verdict,
    ).toBe('continue');
    const many = pointsOf({ validation: falling, generic: rising }).map((point) => ({
      ...point,
      epoch: point.epoch / 10,
    }));
    expect(overfitWatchdog(many, limitsOf()).verdict).toBe('continue');
  });

  it('does not stop on constant series, nor on one spike in either', () => {
    const flat = Array.from({ length: 20 }, () => 0.5);
    const spike = flat.with(9, 3);
    expect(stopsAt(pointsOf({ validation: flat, generic: flat }))).toBeNull();
    expect(stopsAt(pointsOf({ validation: flat, generic: spike }))).toBeNull();
    expect(stopsAt(pointsOf({ validation: spike, generic: flat }))).toBeNull();
  });

  it('can not tell where generic loss is too noisy for its budget, and asks for more of it', () => {
    const wild = falling.map((_, t) => 1.03 + 0.08 * (t % 2 ? 1 : -1)).with(0, 1);
    const points = pointsOf({ validation: falling, generic: wild });
    expect(overfitWatchdog(points, limitsOf())).toMatchObject({
      verdict: 'cannotTell',
      cause: null,
      settles: expect.stringContaining('larger generic set'),
    });
    expect(overfitWatchdog(points, limitsOf(), 'former').verdict).toBe('continue');
    expect(overfitWatchdog(points, limitsOf({ genericBudget: 1 })).verdict).toBe('continue');
    const better = pointsOf({ validation: falling, generic: wild.map((loss, t) => (t > 0 ? loss - 0.7 : loss)) });
    expect(overfitWatchdog(better, limitsOf()).verdict).toBe('continue');
  });

  it('stops at once when the loss is no number or has doubled', () => {
    const last = { step: 50, epoch: 1.6, losses: { validation: null }, standardErrors: {}, exact: {} };
    expect(overfitWatchdog([...pointsOf({ validation: [1, 0.9] }), last], limitsOf())).toMatchObject({
      verdict: 'stop',
      cause: 'diverged',
    });
    expect(overfitWatchdog(pointsOf({ validation: [1, 2.5, 3, 4] }), limitsOf())).toMatchObject({
      verdict: 'stop',
      cause: 'diverged',
    });
  });

  it('watches when the generic loss is no number or not measured any more, and calls nothing healthy', () => {
    const validation = [0.8, 0.7, 0.6, 0.5, 0.45, 0.42, 0.4, 0.38];
    const lost = pointsOf({ validation, generic: [1, 1, 1, 1, 1, 1, Number.NaN, Number.NaN] });
    const renamed = [...lost.slice(0, 6), ...pointsOf({ validation }).slice(6)];
    for (const points of [lost, renamed])
      expect(overfitWatchdog(points, limitsOf())).toMatchObject({
        verdict: 'watch',
        reason: expect.stringContaining('not guarded'),
      });
    expect(overfitWatchdog(lost.slice(0, 6), limitsOf()).verdict).toBe('continue');
  });

  it.each([[[]], [[0.8, 0.7, 0.6, 0.5]]])('calls nothing healthy when validation is missing after %j', (validation) => {
    const generic = Array.from({ length: 8 }, () => 1);
    const points = pointsOf({ validation: [...validation, ...generic.slice(validation.length)], generic });
    const lost = points.map((point, index) =>
      index < validation.length ? point : { ...point, losses: { generic: 1 } },
    );
    expect(overfitWatchdog(lost, limitsOf())).toMatchObject({
      verdict: 'watch',
      reason: expect.stringContaining('Validation loss is not measured'),
    });
  });

  it('does not call a tiny loss diverged, nor a tiny generic rise overfitting: shares near zero are noise', () => {
    const tiny = Array.from({ length: 12 }, (_, t) => 0.002 + 0.0005 * t);
    expect(
      overfitWatchdog(pointsOf({ validation: falling, generic: tiny }), limitsOf({ genericFloor: 0.02 })).verdict,
    ).not.toBe('stop');
    expect(
      overfitWatchdog(pointsOf({ validation: [0.002, 0.006, 0.007, 0.008] }), limitsOf({ genericFloor: 0.02 })).verdict,
    ).toBe('continue');
  });

  it('ends a plateau only where asked to', () => {
    const flat = pointsOf({ validation: Array.from({ length: 12 }, () => 0.5) });
    expect(overfitWatchdog(flat, limitsOf({ plateauStops: true }))).toMatchObject({
      verdict: 'stop',
      cause: 'plateau',
    });
    expect(overfitWatchdog(flat, limitsOf())).toMatchObject({ verdict: 'watch', cause: 'plateau' });
  });

  it('says the same after a resume from the middle that reports some points again', () => {
    for (const shape of ['turnsAt12', 'nicheFrom8', 'plateau'] as const) {
      const points = noisy(shape, 5);
      const resumed = [...points.slice(0, 14), ...points.slice(9)];
      const twice = [...points.slice(9), ...points.slice(0, 14)];
      const undisturbed = overfitWatchdog(points, limitsOf());
      expect(overfitWatchdog(resumed, limitsOf())).toEqual(undisturbed);
      expect(overfitWatchdog(twice, limitsOf())).toEqual(undisturbed);
    }
  });

  it('is total, and its evidence holds no figure that is not a number', () => {
    const loss = fc.oneof(
      fc.double({ min: 0, max: 5 }),
      fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY, 0),
    );
    const losses = fc.dictionary(fc.constantFrom('validation', 'generic', 'train'), loss);
    const point = fc.record({
      step: fc.nat(50),
      epoch: fc.double({ min: 0, max: 9, noNaN: true }),
      losses,
      standardErrors: fc.constant({}),
      exact: fc.constant({}),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 15 }), fc.boolean(), (points, plateauStops) => {
        const { verdict, reason, evidence } = overfitWatchdog(points, limitsOf({ plateauStops }));
        expect(['continue', 'stop', 'watch', 'cannotTell']).toContain(verdict);
        expect(reason).not.toMatch(/NaN|Infinity|undefined/);
        for (const value of Object.values(evidence)) expect(value === null || Number.isFinite(value)).toBe(true);
      }),
    );
  });
});

describe('overfitWatchdog while general ability is shaken at the start (R16)', () => {
  const sinking = Array.from({ length: 20 }, (_, t) => 0.3 + 0.5 * Math.exp(-t / 8));
  const stopOf = (generic: number[], manner?: 'former') => {
    const points = pointsOf({ validation: sinking.slice(0, generic.length), generic });
    const at = points.findIndex(
      (_, t) => overfitWatchdog(points.slice(0, t + 1), limitsOf(), manner).verdict === 'stop',
    );
    return at < 0 ? null : at;
  };
  const shaken = [1, 1.02, 1.25, 1.5, 1.4, 1.32, 1.25, 1.2, 1.16, 1.12, 1.09, 1.06, 1.04, 1.03, 1.02];

  it('waits for one that comes back, where methods M7 stops', () => {
    expect(stopOf(shaken)).toBeNull();
    expect(stopOf(shaken, 'former')).toBe(6);
    expect(
      overfitWatchdog(pointsOf({ validation: sinking.slice(0, 7), generic: shaken.slice(0, 7) }), limitsOf()),
    ).toMatchObject({ verdict: 'watch', reason: expect.stringContaining('may come back') });
  });

  it('stops where it stays outside for a whole window, or goes on rising', () => {
    expect(stopOf([1, 1.02, 1.25, 1.5, ...Array(14).fill(1.4)])).toBe(10);
    expect(stopOf([1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6])).toBe(5);
  });
});

describe('overfitWatchdog on the recorded logs (case 32)', () => {
  /** The logs lack the evaluation at step 0 that the contract asks for; their first figures stand in for it. */
  function pointsOfLog(name: string): EvaluationPoint[] {
    const { evaluations } = foldEvents(loggedEvents(name));
    const first = evaluations.slice(0, 1).map((point) => ({ ...point, step: 0, epoch: 0 }));
    return [...first, ...evaluations];
  }

  it('goes on with the healthy one', () => {
    expect(overfitWatchdog(pointsOfLog('healthy'), limitsOf()).verdict).toBe('continue');
  });

  it('stops the niche one by R16 and names both curves', () => {
    const decision = overfitWatchdog(pointsOfLog('niche'), limitsOf());
    expect(decision).toMatchObject({ verdict: 'stop', cause: 'genericBudgetSpent' });
    expect(decision.reason).toMatch(/R16.*Validation 0\.2951.*generic 1\.7/);
  });
});

describe('overfitWatchdog of a stage that starts from another (R16)', () => {
  const sinking = Array.from({ length: 16 }, (_, t) => 0.3 + 0.5 * Math.exp(-t / 8));
  const stopOf = (generic: number[], base?: { loss: number; error: number }) => {
    const limits = { ...limitsOf(), genericBaseline: base };
    const points = pointsOf({ validation: sinking, generic });
    const at = points.findIndex((_, t) => overfitWatchdog(points.slice(0, t + 1), limits).verdict === 'stop');
    return at < 0 ? null : overfitWatchdog(points.slice(0, at + 1), limits).cause;
  };
  const level = (from: number, slope: number) => Array.from({ length: 16 }, (_, t) => from + slope * t);

  it('counts what the stages before it spent', () => {
    expect(stopOf(level(1.04, 0.002))).toBeNull();
    expect(stopOf(level(1.04, 0.002), { loss: 1, error: 0 })).toBe('nicheOverfit');
    expect(stopOf(level(1.04, 0.002), { loss: 1, error: 0.03 })).toBeNull();
  });

  it('lets one that begins outside the budget come back, and stops one that does not', () => {
    expect(stopOf(level(1.3, -0.01), { loss: 1, error: 0 })).toBeNull();
    expect(stopOf(level(1.3, 0), { loss: 1, error: 0 })).toBe('genericBudgetSpent');
  });
});

describe('overfitWatchdog with the losses of items (R16, methods M7)', () => {
  const turning = () => pointsOf({ validation: turn, generic: turn.map(() => 1) });
  const turn = Array.from({ length: 24 }, (_, t) => (t <= 8 ? 0.8 - t / 20 : 0.4 + 0.01 * (t - 8)));
  const niche = Array.from({ length: 24 }, (_, t) => 1 + 0.01 * Math.max(0, t - 6));
  const sinking = Array.from({ length: 24 }, (_, t) => 0.3 + 0.5 * Math.exp(-t / 8));
  const withErrors = (points: EvaluationPoint[], validation: number | null, generic: number | null) =>
    points.map((point, index) => {
      const errors = { validation, generic };
      return index === 0 ? point : { ...point, pairedErrors: { sinceFirst: errors, sinceBest: errors } };
    });

  it('stops as without them where the items agree', () => {
    const niched = pointsOf({ validation: sinking, generic: niche });
    for (const points of [turning(), niched]) {
      expect(stopsAt(points)).not.toBeNull();
      expect(stopsAt(withErrors(points, 1e-4, 1e-4))).toBe(stopsAt(points));
    }
  });

  it('does not stop at a smooth rise of the validation loss that a few items alone make', () => {
    expect(stopsAt(withErrors(turning(), 0.2, 1e-4))).toBeNull();
  });

  it('waits until a rise is past 1.645 standard errors by item', () => {
    const at = stopsAt(withErrors(turning(), 0.06, 1e-4));
    expect(at).toBeGreaterThan(stopsAt(turning()) ?? 99);
    // Smoothed over three points the best is 0.4 and a bit, so the rise is past 0.0987 from point 20 on, seen twice.
    expect(turn[at ?? 0]).toBeGreaterThan(0.4 + 1.645 * 0.06);
  });

  it('does not stop for general ability that may have been lost on these items alone, and says what would settle it', () => {
    const series = pointsOf({ validation: sinking, generic: niche });
    expect(stopsAt(withErrors(series, 1e-4, 0.08))).toBeNull();
    const early = overfitWatchdog(withErrors(series, 1e-4, 0.03).slice(0, 17), limitsOf());
    expect(early).toMatchObject({ verdict: 'cannotTell', evidence: { genericErrorByItem: 0.03 } });
    expect(early.settles).toContain('a larger generic set');
  });

  it('goes by the means alone where an error is not known, and in trainings that keep no items', () => {
    const points = turning();
    expect(stopsAt(withErrors(points, null, null))).toBe(stopsAt(points));
    const { evidence } = overfitWatchdog(points, limitsOf());
    expect(Object.keys(evidence)).not.toContain('validationErrorByItem');
    expect(overfitWatchdog(withErrors(points, null, null), limitsOf())).toEqual(overfitWatchdog(points, limitsOf()));
  });

  it('never stops earlier for knowing the errors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 0.3, noNaN: true }), (seed, error) => {
        const points = noisy('nicheFrom8', seed);
        const [without, knowing] = [stopsAt(points) ?? 99, stopsAt(withErrors(points, error, error)) ?? 99];
        expect(knowing).toBeGreaterThanOrEqual(without);
      }),
      { numRuns: 20 },
    );
  });
});
