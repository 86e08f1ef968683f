import { describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../../config/resolve.js';
import { type RecipeSettings, RecipeSettings as Settings } from '../../../config/settings.js';
import type { Tuning } from '../../../config/sweep.js';
import { type Attempt, attemptsOf, verdictOf, wishOf } from '../../../workflows/mixing/attempts.js';

const defaults: Tuning = { learningRate: 1e-4, batchSize: 16, loraRank: 16, warmupRatio: 0.03 };
const settled = { learningRate: 2e-4 };
const mixOf = (mix: object): RecipeSettings['mix'] => Settings.parse({ mix }).mix;
const names = (attempts: Attempt[]) => attempts.map(({ name }) => name);

describe('attempts of a mix (R12)', () => {
  it('are the ratios in their order, and nothing else unless it is wished', () => {
    expect(names(attemptsOf(mixOf({}), settled, defaults))).toEqual(['mix/10-1', 'mix/5-1', 'mix/1-1']);
  });

  it('are those of before in a run that began before there were alternatives', () => {
    const { alternatives: _, averaging: __, businessMargin: ___, ...before } = mixOf({});
    const attempts = attemptsOf(before as RecipeSettings['mix'], settled, defaults);
    expect(names(attempts)).toEqual(['mix/10-1', 'mix/5-1', 'mix/1-1']);
  });

  it('have the alternatives after the first ratio, at that ratio', () => {
    const attempts = attemptsOf(mixOf({ alternatives: ['ownAnswers', 'lowerRate', 'lowRank'] }), settled, defaults);
    expect(names(attempts)).toEqual([
      'mix/10-1',
      'mix/10-1-own-answers',
      'mix/10-1-lower-rate',
      'mix/10-1-low-rank',
      'mix/5-1',
      'mix/1-1',
    ]);
    expect(attempts.every(({ ratio, alternative }) => alternative === null || ratio.business === 10)).toBe(true);
    expect(attempts.map(({ learningRate }) => learningRate)).toEqual([2e-4, 2e-4, 1e-4, 2e-4, 2e-4, 2e-4]);
    expect(attempts.map(({ tuning }) => tuning?.loraRank)).toEqual([
      undefined,
      undefined,
      undefined,
      4,
      undefined,
      undefined,
    ]);
  });

  it('take a quarter of the rank that the sweep settled, and at least one', () => {
    const low = (loraRank: number) =>
      attemptsOf(mixOf({ alternatives: ['lowRank'] }), { ...settled, tuning: { ...defaults, loraRank } }, defaults)[1];
    expect(low(32)?.tuning?.loraRank).toBe(8);
    expect(low(2)?.tuning?.loraRank).toBe(1);
  });

  it('have no alternatives to generic data where the first ratio has none', () => {
    const ratios = [
      { business: 1, generic: 0 },
      { business: 10, generic: 1 },
    ];
    const attempts = attemptsOf(mixOf({ ratios, alternatives: ['ownAnswers', 'lowerRate'] }), settled, defaults);
    expect(names(attempts)).toEqual(['mix/1-0', 'mix/10-1']);
  });

  it('are told by verdicts that a person can give back', () => {
    const ratio = { business: 10, generic: 1 };
    for (const alternative of [null, 'lowerRate', 'lowRank', 'ownAnswers'] as const)
      for (const averaged of [false, true])
        expect(wishOf(verdictOf({ ratio, alternative }, averaged))).toEqual({ ratio, alternative, averaged });
    expect(wishOf('5:1')).toEqual({ ratio: { business: 5, generic: 1 }, alternative: null, averaged: false });
    for (const none of [undefined, '', 'business only', '0:1', 'averaged with the base'])
      expect(wishOf(none)).toBeUndefined();
  });
});

describe('a quarter of the rank (R12)', () => {
  it('is left out where the sweep took full tuning, which has none', () => {
    const ways = (loraRank: number | null) =>
      attemptsOf(mixOf({ alternatives: ['lowRank'] }), { ...settled, tuning: { ...defaults, loraRank } }, defaults).map(
        ({ alternative }) => alternative,
      );
    expect(ways(16)).toContain('lowRank');
    expect(ways(null)).not.toContain('lowRank');
  });
});

describe('the setting mix.alternatives', () => {
  const resolved = (settings: Record<string, unknown>) => resolveSettings([{ from: 'task', settings }]);

  it('is refused a lower rank where there is none, before anything is spent', () => {
    expect(resolved({ mix: { alternatives: ['lowRank'] } })).toMatchObject({
      ok: false,
      faults: [{ path: ['mix', 'alternatives'], says: expect.stringContaining('training.method = lora') }],
    });
    expect(resolved({ mix: { alternatives: ['lowRank'] }, training: { method: 'lora' } }).ok).toBe(true);
    expect(resolved({ mix: { alternatives: ['lowRank'] }, sweep: { trials: 9, methods: ['full', 'lora'] } }).ok).toBe(
      true,
    );
    expect(resolved({ mix: { alternatives: ['lowerRate', 'ownAnswers'] } }).ok).toBe(true);
  });
});
