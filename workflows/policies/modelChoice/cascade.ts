/** Small first, large where the small one is unsure: often the best of both (methods M11). */
export interface CascadeItem {
  small: number;
  large: number;
  /** Of the small model in its own answer; higher is surer. */
  confidence: number | null;
}

export interface CascadeRow {
  /** Share of the questions that the large model answers, the least sure ones. */
  escalated: number;
  score: number;
  /** Price of one answer: the small model answers every question, the large one those that go on; NaN where a price is. */
  cost: number;
}

export const escalations = [0.1, 0.2, 0.3] as const;

/**
 * Score and price at 10, 20 and 30 % escalation. Items of equal confidence share the places that are left evenly, so
 * that their order says nothing; null where an item has no confidence.
 */
export function cascade(items: readonly CascadeItem[], costs: { small: number; large: number }): CascadeRow[] | null {
  if (items.length === 0 || items.some(({ confidence }) => !Number.isFinite(confidence))) return null;
  const levels = new Map<number, { count: number; small: number; large: number }>();
  for (const { small, large, confidence } of items) {
    const level = levels.get(Number(confidence)) ?? { count: 0, small: 0, large: 0 };
    levels.set(Number(confidence), {
      count: level.count + 1,
      small: level.small + small,
      large: level.large + large,
    });
  }
  const ordered = [...levels].sort(([a], [b]) => a - b).map(([, level]) => level);
  return escalations.map((escalated) => {
    let left = escalated * items.length;
    let right = 0;
    for (const { count, small, large } of ordered) {
      const part = Math.min(1, left / count);
      right += part * large + (1 - part) * small;
      left -= part * count;
    }
    return { escalated, score: right / items.length, cost: costs.small + escalated * costs.large };
  });
}
