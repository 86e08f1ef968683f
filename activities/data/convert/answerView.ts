/**
 * A bounded view of the answers of a dataset: what distractors are drawn from. Which answers it holds depends on their
 * hashes alone, so any order of the records and any chunking gives the same view.
 */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { TaskRecord } from '../../../config/records.js';
import { sha256 } from '../../storage/files.js';
import { formOf, numberForm, sizeOf, writtenNumber } from './forms.js';
import { Smallest } from './smallest.js';
import { jsonFields, partsOf, slotsOf, subjectOf } from './subject.js';

export interface ViewLimits {
  /** Pools at most: one for each question, kind of question and JSON field. */
  pools: number;
  /** Distinct answers that a pool holds at most. */
  answers: number;
}

/** Longer answers are no options. */
const maximumCharacters = 200;
const defaultLimits: ViewLimits = { pools: 256, answers: 2000 };

/** An answer, in how many records it is right, and how often it may be drawn. */
export interface SeenAnswer {
  answer: string;
  count: number;
  weight: number;
}

/** One pool as it is drawn from: answers by their form, with running sums of their weights. */
export interface Pool {
  answers: ReadonlyMap<string, SeenAnswer>;
  byForm: ReadonlyMap<string, { answers: readonly SeenAnswer[]; sums: Float64Array }>;
  all: { answers: readonly SeenAnswer[]; sums: Float64Array };
  /** Answers that are one number, by `numberForm` and in order of size. */
  numbers: ReadonlyMap<string, { answers: readonly SeenAnswer[]; values: Float64Array; sums: Float64Array }>;
  /** Answers that look alike: those with the same `skeletonOf`. */
  alike: ReadonlyMap<string, readonly string[]>;
  /** Records of one answer beyond this are not turned into choices: a common answer would give itself away. */
  cap: number;
}

export class AnswerView {
  private readonly pools: Smallest<Smallest<number>>;
  private readonly limits: ViewLimits;
  private readonly kind: AnswerKind;
  private readonly decimal: '.' | ',';
  private seen: Map<string, Smallest<number>> | null = null;
  private readonly ready = new Map<string, Pool | null>();

  /** `kind`: how the task's answers are judged, for their decimal sign. */
  constructor(kind: AnswerKind, limits: ViewLimits = defaultLimits) {
    this.kind = kind;
    this.decimal = kind.kind === 'number' ? kind.decimal : '.';
    this.limits = limits;
    this.pools = new Smallest(limits.pools);
  }

  /** Takes in what one record answers. Call it for every record of train, once each, before the first `pool`. */
  add(record: TaskRecord): void {
    const subject = subjectOf(record, this.kind);
    if (!subject || (subject.kind.kind === 'json' && jsonFields(subject).length === 0)) return;
    for (const part of partsOf(subject)) {
      if (part.answer.length > maximumCharacters) continue;
      for (const slot of slotsOf(part)) {
        const pool = this.pools.at(slotKey(slot), () => new Smallest<number>(this.limits.answers));
        const count = pool?.value.at(part.answer, () => 0);
        if (count) count.value += 1;
      }
    }
  }

  /** The pool of a slot; null where none is held. */
  pool(slot: string): Pool | null {
    const key = slotKey(slot);
    let pool = this.ready.get(key);
    if (pool === undefined) {
      this.seen ??= new Map(this.pools.kept());
      const counts = this.seen.get(key)?.kept();
      pool = counts ? poolOf(counts, this.decimal) : null;
      this.ready.set(key, pool);
    }
    return pool;
  }
}

function slotKey(slot: string): string {
  return sha256(slot).slice(0, 16);
}

function poolOf(counts: [string, number][], decimal: '.' | ','): Pool {
  const sorted = counts.map(([, count]) => count).sort((a, b) => a - b);
  const cap = Math.max(20, 2 * (sorted[Math.floor(sorted.length / 2)] ?? 0));
  const answers = counts.map(([answer, count]) => ({ answer, count, weight: Math.min(count, cap) }));
  const forms = new Map<string, SeenAnswer[]>();
  const alike = new Map<string, string[]>();
  for (const seen of answers) {
    addTo(forms, formOf(seen.answer), seen);
    addTo(alike, skeletonOf(seen.answer), seen.answer);
  }
  return {
    answers: new Map(answers.map((seen) => [seen.answer, seen])),
    byForm: new Map([...forms].map(([form, of]) => [form, summed(of)])),
    all: summed(answers),
    numbers: numbersOf(answers, decimal),
    alike: new Map([...alike].filter(([, of]) => of.length > 1)),
    cap,
  };
}

function numbersOf(answers: readonly SeenAnswer[], decimal: '.' | ','): Pool['numbers'] {
  const forms = new Map<string, { seen: SeenAnswer; value: number }[]>();
  for (const seen of answers) {
    const number = writtenNumber(seen.answer, decimal);
    if (number) addTo(forms, numberForm(number), { seen, value: sizeOf(number) });
  }
  return new Map(
    [...forms].map(([form, found]) => {
      const sorted = found.sort((a, b) => a.value - b.value);
      const values = Float64Array.from(sorted, ({ value }) => value);
      return [form, { values, ...summed(sorted.map(({ seen }) => seen)) }];
    }),
  );
}

function addTo<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function summed(answers: SeenAnswer[]): { answers: SeenAnswer[]; sums: Float64Array } {
  const sums = new Float64Array(answers.length);
  let sum = 0;
  for (const [index, { weight }] of answers.entries()) {
    sum += weight;
    sums[index] = sum;
  }
  return { answers, sums };
}

/** The text with characters that are mistaken for one another made one: O and 0, I, l and 1. */
export function skeletonOf(answer: string): string {
  return answer.replace(/[Oo]/g, '0').replace(/[Il]/g, '1');
}
