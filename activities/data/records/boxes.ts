/** Boxes and the names of objects as text: ms-swift writes them beside the turns, with places in the text. */
import { quoted, RowFault } from '../faults.js';
import type { RawPart, RawRecord, RawTurn, Row } from './chat.js';

/** Corners or a point in pixels of the original picture, whole: models differ in how they scale, so that is done late. */
export function boxText(box: readonly number[]): string {
  return `[${box.map((each) => Math.round(each)).join(', ')}]`;
}

/**
 * Rule `boxAsText`: each `<ref-object>` becomes its name and each `<bbox>` its box, in the order of the turns.
 * Throws `RowFault` `boxMismatch` where places and boxes differ in number, `boxNotPixels` for shares of the picture.
 */
export function withBoxes(record: RawRecord, row: Row): RawRecord {
  const objects = row['objects'] as Row | null | undefined;
  const places = record.turns.flatMap(({ parts }) => parts).map((part) => ('text' in part ? part.text : ''));
  if (!objects || !places.some((text) => /<bbox>|<ref-object>/.test(text))) return record;
  if ((objects['bbox_type'] ?? 'real') !== 'real')
    throw new RowFault('boxNotPixels', `"bbox_type" is ${quoted(String(objects['bbox_type']))}`);
  const names = new Queue('<ref-object>', objects['ref'], String);
  const boxes = new Queue('<bbox>', objects['bbox'], (box) => boxText(asBox(box)));
  const fill = (text: string) =>
    text.replace(/<ref-object>|<bbox>/g, (place) => (place === '<bbox>' ? boxes : names).next());
  const turns = record.turns.map((turn): RawTurn => ({ ...turn, parts: turn.parts.map((part) => filled(part, fill)) }));
  names.end();
  boxes.end();
  return { ...record, turns, repairs: [...record.repairs, 'boxAsText'] };
}

function filled(part: RawPart, fill: (text: string) => string): RawPart {
  return 'text' in part ? { text: fill(part.text) } : part;
}

/** Takes the values of a list one by one, as many as there are places. */
class Queue {
  private taken = 0;
  private readonly place: string;
  private readonly values: unknown[];
  private readonly render: (value: unknown) => string;
  constructor(place: string, values: unknown, render: (value: unknown) => string) {
    this.place = place;
    this.values = Array.isArray(values) ? values : [];
    this.render = render;
  }
  next(): string {
    this.taken += 1;
    if (this.taken > this.values.length) throw this.mismatch();
    return this.render(this.values[this.taken - 1]);
  }
  end(): void {
    if (this.taken < this.values.length) throw this.mismatch();
  }
  private mismatch(): RowFault {
    return new RowFault(
      'boxMismatch',
      `${this.values.length} values for the places ${this.place}, of which ${this.taken} were met`,
    );
  }
}

function asBox(value: unknown): number[] {
  const isBox = Array.isArray(value) && (value.length === 2 || value.length === 4) && value.every(Number.isFinite);
  if (!isBox) throw new RowFault('boxNotPixels', `${quoted(JSON.stringify(value))} is neither a point nor two corners`);
  return value as number[];
}
