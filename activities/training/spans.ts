/**
 * The spans of a trainer from its events: an attempt, and in it waiting, epochs, evaluations and checkpoints. Pure, and a
 * span has the same id whoever makes it, so that one that is sent twice is still one.
 */

import type { FinishedSpan, SpanPlace } from '../../config/traces.js';
import type { TrainingEvent } from '../../config/training.js';
import { sha256 } from '../storage/files.js';

/** A span, and the number of events at which it was over. */
export interface SpanAt {
  after: number;
  span: FinishedSpan;
}

interface Numbered {
  event: TrainingEvent;
  after: number;
}

type Of<Name extends TrainingEvent['event']> = Extract<TrainingEvent, { event: Name }>;

/** Where the span of a trainer's attempt will stand, below the span of the activity that started it. */
export function attemptPlace({ traceId }: SpanPlace, key: string, attempt: number): SpanPlace {
  return { traceId, spanId: idOf(key, `attempt ${attempt}`) };
}

/** The spans that are over. `parents` has the activity that started each attempt; an attempt without one is not traced. */
export function spansOf(
  key: string,
  events: readonly TrainingEvent[],
  parents: ReadonlyMap<number, SpanPlace>,
): SpanAt[] {
  const numbered = events.map((event, index) => ({ event, after: index + 1 }));
  return [...parents].flatMap(([attempt, parent]) => {
    const own = numbered.filter(({ event }) => event.attempt === attempt);
    const next = numbered.find(({ event }) => event.attempt > attempt);
    return own.length === 0 ? [] : attemptSpans(key, { own, next, parent });
  });
}

interface Attempt {
  own: readonly Numbered[];
  /** The first word of a later attempt: this one is over, whether it said so or not. */
  next: Numbered | undefined;
  parent: SpanPlace;
}

function attemptSpans(key: string, { own, next, parent }: Attempt): SpanAt[] {
  const [first, last] = [own[0] as Numbered, own.at(-1) as Numbered];
  const { attempt } = first.event;
  const place = attemptPlace(parent, key, attempt);
  const child = (
    name: string,
    id: string,
    from: number,
    { event, after }: Numbered,
    more: FinishedSpan['attributes'],
  ) => ({
    after,
    span: {
      name,
      traceId: place.traceId,
      spanId: idOf(key, `attempt ${attempt}`, id),
      parentSpanId: place.spanId,
      from: Math.min(from, event.time),
      to: event.time,
      attributes: { 'anneal.job': key, 'anneal.attempt': attempt, 'anneal.step': event.step, ...more },
    },
  });
  const moments = own.slice(1).flatMap((at, index): SpanAt[] => {
    const { event } = at;
    const from = (own[index] as Numbered).event.time;
    if (event.event === 'evaluation')
      return [child('evaluation', `evaluation ${event.step}`, from, at, lossesOf(event))];
    if (event.event === 'checkpoint') return [child('checkpoint', `checkpoint ${event.step}`, from, at, {})];
    if (event.event === 'started') return [child('wait for a GPU', 'wait', first.event.time, at, {})];
    return [];
  });
  const over = isLastWord(last.event) ? last.after : next?.after;
  const epochs = epochsOf(own, over).map(({ number, from, last: end, after }) => {
    const loss = end.event.event === 'step' ? end.event.loss : null;
    const { span } = child(
      `epoch ${number}`,
      `epoch ${number}`,
      from,
      end,
      loss === null ? {} : { 'anneal.loss': loss },
    );
    return { after, span };
  });
  if (over === undefined) return [...moments, ...epochs];
  const whole: FinishedSpan = {
    ...child('trainer', '', first.event.time, last, {
      'anneal.end': isLastWord(last.event) ? last.event.event : 'lost',
    }).span,
    ...place,
    parentSpanId: parent.spanId,
    ...failureOf(last.event),
  };
  return [...moments, ...epochs, { after: over, span: whole }];
}

interface Epoch {
  number: number;
  from: number;
  last: Numbered;
  /** When its end was known. */
  after: number;
}

/** By the passes over the business data that a step names; an epoch is over at the first step of the next, or with the attempt. */
function epochsOf(own: readonly Numbered[], over: number | undefined): Epoch[] {
  const steps = own.filter((at): at is Numbered & { event: Of<'step'> } => at.event.event === 'step');
  const began = own.find(({ event }) => event.event === 'started')?.event.time ?? own[0]?.event.time ?? 0;
  const numberOf = ({ event }: { event: Of<'step'> }) => Math.ceil(event.epoch - 1e-6);
  const numbers = [...new Set(steps.map(numberOf))];
  return numbers.flatMap((number, index) => {
    const inside = steps.filter((at) => numberOf(at) === number);
    const before = steps.findLast((at) => numberOf(at) < number);
    const next = steps.find((at) => numberOf(at) === numbers[index + 1]);
    const after = next?.after ?? over;
    const last = inside.at(-1);
    return after === undefined || last === undefined
      ? []
      : [{ number, from: before?.event.time ?? began, last, after }];
  });
}

function isLastWord({ event }: TrainingEvent): boolean {
  return event === 'finished' || event === 'interrupted' || event === 'failed';
}

function failureOf(event: TrainingEvent): { failure?: string } {
  return event.event === 'failed' ? { failure: `${event.cause}: ${event.message.slice(0, 300)}` } : {};
}

function lossesOf({ losses }: Of<'evaluation'>): Record<string, number> {
  const known = Object.entries(losses).filter((entry): entry is [string, number] => entry[1] !== null);
  return Object.fromEntries(known.map(([set, loss]) => [`anneal.loss.${set}`, loss]));
}

/** 16 hexadecimal digits, as W3C Trace Context has them. */
function idOf(...parts: string[]): string {
  return sha256(parts.join('\n')).slice(0, 16);
}
