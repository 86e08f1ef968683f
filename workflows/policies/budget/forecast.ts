import type { BudgetCaps, Estimate, MeterReading, Prices, Spent } from '../../../config/budget.js';
import type { Decision } from '../../../config/decisions.js';
import { figure } from '../wording.js';
import { capNames, capsOf } from './spending.js';

interface Metered extends Pick<MeterReading, 'training' | 'step' | 'pace' | 'stepsLeft' | 'samplesPerStep'> {
  /** Any but `ended` may train on. */
  state: string;
}

export interface Outlook {
  caps: BudgetCaps;
  prices: Prices;
  spent: Spent;
  /** Every training so far. */
  readings: readonly Metered[];
  /** null before the data is built. */
  estimate: Estimate | null;
}

/**
 * Will the budget last? Learnt from the steps that this run has trained: `willReach` where the trainings that go on now
 * pass a cap by their planned end, `mayReach` where all that the recipe may still train would. Both are upper bounds, for a
 * training may be stopped earlier.
 */
export function forecastBudget({
  caps,
  prices,
  spent,
  readings,
  estimate,
}: Outlook): Decision<'fits' | 'mayReach' | 'willReach' | 'cannotTell'> {
  const speed = samplesPerSecond(readings);
  if (speed === null)
    return {
      verdict: 'cannotTell',
      reason: 'No training has shown its speed yet.',
      evidence: {},
      settles: 'The first steps of a training.',
    };
  const now = readings
    .filter(({ state }) => state !== 'ended')
    .map((each) => each.stepsLeft * secondsAStep(each, speed));
  const later = samplesLeft(estimate, readings) / speed;
  const alone = after(spent, prices, now);
  const all = after(spent, prices, [Math.max(sum(now), later)]);
  const evidence = {
    samplesPerSecond: Number(speed.toPrecision(3)),
    ...figuresOf('now', alone),
    ...figuresOf('all', all),
  };
  const will = beyond(caps, alone);
  const going = readings.filter(({ state }) => state !== 'ended').map(({ training }) => training);
  if (will.length > 0)
    return {
      verdict: 'willReach',
      reason: `At ${figure(speed)} samples/s ${going.join(', ')} will have taken ${will.join(', ')} by the planned end.`,
      evidence,
    };
  const may = beyond(caps, all);
  return may.length > 0
    ? { verdict: 'mayReach', reason: `At ${figure(speed)} samples/s the run takes up to ${may.join(', ')}.`, evidence }
    : { verdict: 'fits', reason: `At ${figure(speed)} samples/s all that the run may train fits.`, evidence };
}

/** Of all trainings so far, evaluations and saves included; null before the first step. */
function samplesPerSecond(readings: readonly Metered[]): number | null {
  const moved = readings.filter(({ pace }) => pace.steps > 0);
  const seconds = sum(moved.map(({ pace }) => pace.seconds));
  return seconds > 0 ? sum(moved.map(samplesOf)) / seconds : null;
}

function samplesOf({ pace, samplesPerStep }: Metered): number {
  return pace.steps * samplesPerStep;
}

/** By the training's own steps where it has some. */
function secondsAStep({ pace, samplesPerStep }: Metered, speed: number): number {
  return pace.steps > 0 && pace.seconds > 0 ? pace.seconds / pace.steps : samplesPerStep / speed;
}

/** Of the stages from the one that trains now on: those before it are over. */
function samplesLeft(estimate: Estimate | null, readings: readonly Metered[]): number {
  const stages = estimate?.stages ?? [];
  const now = stages.findIndex(({ name }) => name === readings.at(-1)?.step);
  const left = now < 0 ? [] : stages.slice(now);
  const trained = readings.filter(({ step }) => step === stages[now]?.name).map(samplesOf);
  return Math.max(0, sum(left.map(({ samples }) => samples)) - sum(trained));
}

/** Trainers side by side take their hours together, and the wall clock of the longest. */
function after(spent: Spent, { trainerHour = 0 }: Prices, seconds: readonly number[]): Spent {
  const hours = sum(seconds) / 3600;
  return {
    money: spent.money === null ? null : spent.money + hours * trainerHour,
    trainerHours: spent.trainerHours + hours,
    wallClock: spent.wallClock + Math.max(0, ...seconds) / 3600,
  };
}

function beyond(caps: BudgetCaps, spent: Spent): string[] {
  return capsOf(caps, spent)
    .filter((each) => each.spent > each.cap)
    .map((each) => `${figure(each.spent)} of ${figure(each.cap)} ${capNames[each.name]}`);
}

function figuresOf(when: string, { money, trainerHours, wallClock }: Spent): Record<string, number | null> {
  return { [`${when}Money`]: money, [`${when}TrainerHours`]: trainerHours, [`${when}WallClock`]: wallClock };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
