import fc from 'fast-check';
import type { BudgetCaps, Spent } from '../../../../config/budget.js';
import { judgeBudget } from '../../../../workflows/policies/budget/judge.js';
import { secondsToCap, spentOf } from '../../../../workflows/policies/budget/spending.js';

const spent: Spent = { money: 3, trainerHours: 1.5, wallClock: 4 };

describe('spentOf', () => {
  const usage = { trainerSeconds: 5400, wallSeconds: 7200, promptTokens: 2_000_000, answerTokens: 500_000 };

  it('counts hours of trainers and tokens of the endpoint by their prices', () => {
    expect(spentOf(usage, { trainerHour: 2, millionPromptTokens: 0.5, millionAnswerTokens: 4 })).toEqual({
      money: 3 + 1 + 2,
      trainerHours: 1.5,
      wallClock: 2,
    });
    expect(spentOf(usage, { trainerHour: 2 }).money).toBe(3);
  });

  it('knows no money without the price of an hour, whatever tokens cost', () => {
    expect(spentOf(usage, { millionPromptTokens: 1 }).money).toBeNull();
    expect(spentOf(usage, { trainerHour: 0 }).money).toBe(0);
  });
});

describe('judgeBudget', () => {
  it.each<[string, BudgetCaps, 'within' | 'reached']>([
    ['no cap', {}, 'within'],
    ['caps above', { money: 4, trainerHours: 2, wallClock: 5 }, 'within'],
    ['a cap met exactly', { trainerHours: 1.5 }, 'reached'],
    ['one of three passed', { money: 4, trainerHours: 2, wallClock: 3.9 }, 'reached'],
  ])('with %s', (_, caps, verdict) => {
    expect(judgeBudget(caps, spent).verdict).toBe(verdict);
  });

  it('names the caps that are reached and no other, with all figures as evidence', () => {
    const { reason, evidence } = judgeBudget({ money: 4, trainerHours: 1.2, wallClock: 4 }, spent);
    expect(reason).toBe('1.5 of 1.2 trainer hours are spent, 4 of 4 hours of wall clock are spent.');
    expect(evidence).toEqual({
      money: 3,
      moneyCap: 4,
      trainerHours: 1.5,
      trainerHoursCap: 1.2,
      wallClock: 4,
      wallClockCap: 4,
    });
  });

  it('never goes back to within when more is spent', () => {
    const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
    const some = fc.record({ money: amount, trainerHours: amount, wallClock: amount });
    fc.assert(
      fc.property(some, some, some, (caps, before, more) => {
        const later = {
          money: before.money + more.money,
          trainerHours: before.trainerHours + more.trainerHours,
          wallClock: before.wallClock + more.wallClock,
        };
        return judgeBudget(caps, before).verdict === 'within' || judgeBudget(caps, later).verdict === 'reached';
      }),
    );
  });
});

describe('secondsToCap', () => {
  it('is the time to the nearest cap, by the trainers that run', () => {
    const caps = { trainerHours: 2, wallClock: 5 };
    expect(secondsToCap(caps, spent, {}, 0)).toBe(3600);
    expect(secondsToCap(caps, spent, {}, 1)).toBe(1800);
    expect(secondsToCap(caps, spent, {}, 2)).toBe(900);
    expect(secondsToCap({ money: 5 }, spent, { trainerHour: 4 }, 1)).toBe(1800);
  });

  it('is without end where nothing runs towards a cap, and 0 at one', () => {
    expect(secondsToCap({}, spent, {}, 3)).toBe(Number.POSITIVE_INFINITY);
    expect(secondsToCap({ trainerHours: 2 }, spent, {}, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(secondsToCap({ money: 5 }, spent, { trainerHour: 0 }, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(secondsToCap({ wallClock: 3 }, spent, {}, 0)).toBe(0);
  });

  it('is the moment at which the judge says reached', () => {
    const hours = fc.double({ min: 0.01, max: 1000, noNaN: true });
    fc.assert(
      fc.property(hours, hours, fc.integer({ min: 1, max: 8 }), (cap, wall, trainers) => {
        const caps = { trainerHours: cap, wallClock: wall };
        const nothing = { money: null, trainerHours: 0, wallClock: 0 };
        const at = secondsToCap(caps, nothing, {}, trainers) / 3600;
        const spentAt = (share: number) => ({
          money: null,
          trainerHours: at * trainers * share,
          wallClock: at * share,
        });
        expect(judgeBudget(caps, spentAt(0.999)).verdict).toBe('within');
        expect(judgeBudget(caps, spentAt(1.001)).verdict).toBe('reached');
      }),
    );
  });
});
