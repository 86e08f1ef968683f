/** The records that stand out most, by each of some measures. */
import type { TaskRecord } from '../../../config/records.js';
import { exchangeOf, placedPictures, textOf } from '../export/turns.js';

const measures: Record<string, (record: TaskRecord) => number> = {
  'Longest answers': (record) => exchangeOf(record).answer.length,
  'Shortest answers': (record) => -exchangeOf(record).answer.length,
  'Longest questions': (record) => exchangeOf(record).asked.reduce((sum, message) => sum + textOf(message).length, 0),
  'Most pictures': (record) => placedPictures(record).length,
  'Lowest quality': ({ quality }) => -(quality ?? 1),
};

interface Measured<Item> {
  value: number;
  item: Item;
}

/** Of each measure a few are held, and nothing is shown where all records measure the same. */
export class Odd<Item> {
  private readonly most: number;
  private readonly held = new Map<string, { items: Measured<Item>[]; least: number }>();

  constructor(most: number) {
    this.most = most;
  }

  add(item: Item, record: TaskRecord): void {
    for (const [title, measure] of Object.entries(measures)) {
      const value = measure(record);
      const { items, least } = this.held.get(title) ?? { items: [], least: value };
      this.held.set(title, { items, least: Math.min(least, value) });
      if (items.length === this.most && value <= (items.at(-1)?.value ?? 0)) continue;
      items.push({ value, item });
      items.sort((one, other) => other.value - one.value);
      items.splice(this.most);
    }
  }

  groups(): { title: string; records: Item[] }[] {
    return [...this.held].flatMap(([title, { items, least }]) => {
      const outstanding = items.filter(({ value }) => value > least);
      return outstanding.length > 0 ? [{ title, records: outstanding.map(({ item }) => item) }] : [];
    });
  }
}
