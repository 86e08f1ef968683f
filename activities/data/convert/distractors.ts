/** Wrong answers beside a right one: from the data where it has them (methods M4, case 28). */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { TaskRecord } from '../../../config/records.js';
import { scoreNumber } from '../../../workflows/policies/scoring/number.js';
import { scoreAnswer } from '../../../workflows/policies/scoring/score.js';
import { comparable } from '../records/answerText.js';
import { type AnswerView, type Pool, skeletonOf } from './answerView.js';
import type { Draws } from './draws.js';
import { formOf, nearInLength } from './forms.js';
import { drawnPlace, nearMisses, swapped } from './nearMisses.js';
import { type Subject, slotsOf } from './subject.js';

/** What distractors are taken from, the best first. */
export interface DistractorSources {
  answers: AnswerView;
  /** Wrong answers that a model gave to this record. */
  wrongOf?: (record: TaskRecord) => readonly string[];
  /** Answers to the same question on near pictures. */
  near?: (record: TaskRecord) => readonly string[];
}

/** Tries to draw one more from a pool before it is looked through from a drawn place on. */
const drawsAtMost = 40;

/** Whether a text is surely another answer than the right one; what a person would have to decide is not. */
export function isFalse(candidate: string, answer: string, kind: AnswerKind): boolean {
  if (comparable(candidate) === '' || comparable(candidate) === comparable(answer)) return false;
  if (kind.kind === 'label') return true;
  const { repaired, parse } = scoreAnswer(kind, answer, candidate);
  if (repaired > 0 || parse === 'refused' || parse === 'ambiguous') return false;
  if (kind.kind !== 'text') return true;
  const asNumber = { absoluteTolerance: 0, relativeTolerance: 0, decimal: '.' as const };
  return scoreNumber(answer, candidate, asNumber).verdict === 'different' && !holds(candidate, answer);
}

/** `dark red` may be right where `red` is, and the other way round. */
function holds(one: string, other: string): boolean {
  const [few = [], many = []] = [one, other]
    .map((text) => comparable(text).split(' '))
    .sort((a, b) => a.length - b.length);
  return few.every((word) => many.includes(word));
}

/** The narrowest pool with more than `others` answers, or the widest there is. */
function widestNeeded(subject: Subject, view: AnswerView, others: number): Pool | null {
  let found: Pool | null = null;
  for (const slot of slotsOf(subject)) {
    const pool = view.pool(slot);
    if (pool) found = pool;
    if (pool && pool.answers.size > others) break;
  }
  return found;
}

/** The pool that tells how common an answer is. */
export function poolOf(subject: Subject, view: AnswerView): Pool | null {
  return view.pool(slotsOf(subject)[0]) ?? view.pool(slotsOf(subject)[1]);
}

class Options {
  readonly chosen: string[] = [];
  private readonly subject: Subject;
  private readonly others: number;

  constructor(subject: Subject, others: number) {
    this.subject = subject;
    this.others = others;
  }

  get full(): boolean {
    return this.chosen.length >= this.others;
  }

  /** Takes a candidate that is surely false and no other way to write one that is there. */
  add(candidate: string): void {
    const { answer, kind } = this.subject;
    if (this.full || !isFalse(candidate, answer, kind)) return;
    if (kind.kind === 'label' && !kind.labels.includes(candidate)) return;
    if (this.chosen.every((other) => isFalse(candidate, other, kind))) this.chosen.push(candidate);
  }
}

/**
 * `others` wrong answers, or fewer where the task has no more labels; null where there are not enough. In this order: the
 * model's own wrong answers, answers of near pictures, look-alikes in the data, near misses of a number or code, and
 * answers of the same form and length, drawn as often as they are right elsewhere.
 */
export function distractors(
  record: TaskRecord,
  subject: Subject,
  { sources, others, draws }: { sources: DistractorSources; others: number; draws: Draws },
): string[] | null {
  const { answer, kind } = subject;
  const options = new Options(subject, kind.kind === 'label' ? Math.min(others, kind.labels.length - 1) : others);
  for (const wrong of sources.wrongOf?.(record) ?? []) options.add(wrong);
  for (const near of sources.near?.(record) ?? []) options.add(near);
  const pool = widestNeeded(subject, sources.answers, others);
  if (pool && options.chosen.length === 0) addLookAlikes(options, answer, { pool, others, draws });
  const rest = others - options.chosen.length;
  const decimal = kind.kind === 'number' ? kind.decimal : '.';
  const fits = (one: string, other: string) => isFalse(one, other, kind);
  const near = { others: rest, decimal, pool, fits } as const;
  const made = kind.kind === 'label' || rest === 0 ? null : nearMisses(answer, near, draws);
  for (const miss of made ?? []) options.add(miss);
  if (pool) addDrawn(options, subject, { pool, draws });
  if (options.chosen.length === 0 && kind.kind !== 'label')
    for (const corner of swapped(answer, others, draws) ?? []) options.add(corner);
  if (kind.kind === 'label' && !options.full) for (const label of draws.shuffled(kind.labels)) options.add(label);
  return options.full ? options.chosen : null;
}

/** A right answer with a look-alike brings it, and another such pair, so that being one of a pair tells nothing. */
function addLookAlikes(
  options: Options,
  answer: string,
  { pool, others, draws }: { pool: Pool; others: number; draws: Draws },
): void {
  const own = pool.alike.get(skeletonOf(answer)) ?? [];
  if (!own.includes(answer)) return;
  options.add(draws.pick(own.filter((other) => other !== answer)));
  if (others < 3) return;
  const pairs = [...pool.alike].filter(([skeleton]) => skeleton !== skeletonOf(answer)).map(([, alike]) => alike);
  if (pairs.length > 0) for (const other of draws.shuffled(draws.pick(pairs)).slice(0, 2)) options.add(other);
}

function addDrawn(options: Options, { answer, kind }: Subject, { pool, draws }: { pool: Pool; draws: Draws }): void {
  const free = kind.kind === 'label';
  const from = free ? pool.all : (pool.byForm.get(formOf(answer)) ?? pool.all);
  const fits = (candidate: string) => free || (nearInLength(candidate, answer) && formOf(candidate) === formOf(answer));
  for (let draw = 0; draw < drawsAtMost && !options.full; draw++) {
    const seen = from.answers[drawnPlace(from.sums, 0, from.answers.length, draws)];
    if (seen && fits(seen.answer)) options.add(seen.answer);
  }
  const start = draws.below(from.answers.length);
  for (let index = 0; index < from.answers.length && !options.full; index++) {
    const seen = from.answers[(start + index) % from.answers.length];
    if (seen && fits(seen.answer)) options.add(seen.answer);
  }
}
