/** What was spent, by what the trainers and the endpoint say. Money in any one currency. */
import type { BudgetCaps, Prices, Spent } from '../../../config/budget.js';

export interface Usage {
  trainerSeconds: number;
  wallSeconds: number;
  promptTokens: number;
  answerTokens: number;
}

/** Names and units of the caps, as people read them. */
export const capNames = {
  money: 'money',
  trainerHours: 'trainer hours',
  wallClock: 'hours of wall clock',
} as const satisfies Record<keyof BudgetCaps, string>;

export type CapName = keyof typeof capNames;

export function spentOf({ trainerSeconds, wallSeconds, promptTokens, answerTokens }: Usage, prices: Prices): Spent {
  const { trainerHour, millionPromptTokens = 0, millionAnswerTokens = 0 } = prices;
  const trainerHours = trainerSeconds / 3600;
  const tokens = (promptTokens * millionPromptTokens + answerTokens * millionAnswerTokens) / 1e6;
  return {
    money: trainerHour === undefined ? null : trainerHours * trainerHour + tokens,
    trainerHours,
    wallClock: wallSeconds / 3600,
  };
}

/** The caps that are set, each with what is spent of it. */
export function capsOf(caps: BudgetCaps, spent: Spent): { name: CapName; cap: number; spent: number }[] {
  const names = Object.keys(capNames) as CapName[];
  return names.flatMap((name) => {
    const cap = caps[name];
    return cap === undefined ? [] : [{ name, cap, spent: spent[name] ?? 0 }];
  });
}

/** Seconds until the first cap is reached while so many trainers run; Infinity where none will be. */
export function secondsToCap(caps: BudgetCaps, spent: Spent, prices: Prices, trainers: number): number {
  const anHour = { money: trainers * (prices.trainerHour ?? 0), trainerHours: trainers, wallClock: 1 };
  const left = capsOf(caps, spent).map(({ name, cap, spent: so }) => {
    const rest = Math.max(0, cap - so);
    return anHour[name] > 0 ? (rest / anHour[name]) * 3600 : Number.POSITIVE_INFINITY;
  });
  return Math.min(Number.POSITIVE_INFINITY, ...left);
}
