import type { Decision } from '../../../config/decisions.js';
import type { ProbeFigures, RecordFigures } from '../../../config/probing.js';
import { wilson } from '../statistics/interval.js';
import { figure, percent } from '../wording.js';
import { type Cause, named } from './causes.js';
import { joinCause, recordCause } from './records.js';
import { unreadable } from './unreadable.js';

type Items = NonNullable<ProbeFigures['items']>;

/** Limits of the probes on a training whose set is not repeated (methods M5). */
const limits = {
  /** Share of answers that are right teacher-forced and wrong as served, lower bound (greedy: none should be). */
  servedWrong: 0.03,
  /** Share of answers that differ between trainer and server, lower bound. */
  servedOtherwise: 0.05,
  /** Points that other pictures must cost on a task of perception. */
  pictureCost: 0.1,
  /** A loss that fell by this share over the last three evaluations still falls. */
  stillFalling: 0.1,
};

export interface Trained {
  probes: ProbeFigures | null;
  records: RecordFigures | null;
  /** Loss on the training set at each evaluation, nats a token. */
  losses: readonly number[];
  /** Loss below which eight records count as learnt. */
  overfitLoss: number;
  /** Score of always giving the commonest answer. */
  chance: number;
}

/**
 * Why the set is not repeated, by the tree of methods M5: serving, then whether eight records can be learnt at all, then which
 * records stay wrong, then whether pictures matter, then time. Null where no probe names a cause.
 */
export function trainedCause({ probes, records, losses, overfitLoss, chance }: Trained): Decision<Cause> | null {
  const items = probes?.items ?? [];
  return (
    servingCause(items) ??
    overfitCause(probes?.overfit ?? [], overfitLoss) ??
    (records ? recordCause(records) : null) ??
    unreadable(items) ??
    (records ? joinCause(records) : null) ??
    pictureCause(items, chance) ??
    timeCause(losses)
  );
}

/** Probe 8. A greedy answer equals the expected one exactly where each of its tokens is the teacher-forced argmax. */
function servingCause(items: Items): Decision<Cause> | null {
  const asked = items.filter(({ served, score }) => served !== null && score !== null);
  const known = asked.filter(({ exact }) => exact);
  const wrong = known.filter(({ score }) => score !== 1);
  const other = asked.filter(({ served, generated }) => served?.trim() !== generated.trim());
  const evidence = {
    asked: asked.length,
    teacherForced: known.length,
    servedWrong: wrong.length,
    differ: other.length,
  };
  const first = other[0] ?? wrong[0];
  const says = first
    ? ` ${first.id}: the trainer says "${shown(first.generated)}", the server "${shown(first.served)}".`
    : '';
  if (wilson(wrong.length, known.length).lower > limits.servedWrong && known.length > 0)
    return named(
      'framework:serving',
      `${wrong.length} of ${known.length} answers that are right teacher-forced are wrong as served.${says}`,
      evidence,
      wrong.map(({ id }) => id),
    );
  if (wilson(other.length, asked.length).lower > limits.servedOtherwise && asked.length > 0)
    return named(
      'framework:serving',
      `${other.length} of ${asked.length} answers differ between trainer and server.${says}`,
      evidence,
      other.map(({ id }) => id),
    );
  return null;
}

/** Probes 6 and 7. */
function overfitCause(tried: NonNullable<ProbeFigures['overfit']>, enough: number): Decision<Cause> | null {
  const [own] = tried;
  if (!own) return null;
  const low = ({ loss }: typeof own) => loss !== null && loss < enough;
  const passes = (each: typeof own) => low(each) && each.right === each.records;
  if (passes(own)) return null;
  const evidence = {
    ...Object.fromEntries(tried.map(({ learningRate, loss }) => [`loss at ${figure(learningRate)}`, loss])),
    right: own.right,
    records: own.records,
  };
  const says = `Eight clean records are not learnt by heart in ${own.steps} steps at the rate ${figure(own.learningRate)} (loss ${own.loss === null ? 'no number' : figure(own.loss)}, ${own.right} of ${own.records} right)`;
  if (low(own))
    return named('framework:serving', `${says}: the loss is low and generation is wrong.`, evidence, own.ids);
  const works = tried.find(passes);
  return works
    ? named('framework:learningRate', `${says}, but at ${figure(works.learningRate)} they are.`, {
        ...evidence,
        works: works.learningRate,
      })
    : named('framework:optimisation', `${says}, nor at ${tried.length - 1} other rates.`, evidence, own.ids);
}

/** Probe 9: other pictures hardly cost anything, and the answers are known all the same. */
function pictureCause(items: Items, chance: number): Decision<Cause> | null {
  const pictured = items.filter(({ shuffled }) => shuffled !== null);
  const n = pictured.length;
  const own = wilson(pictured.filter(({ exact }) => exact).length, n);
  const other = wilson(pictured.filter(({ shuffled }) => shuffled?.exact).length, n);
  const grey = wilson(pictured.filter(({ blank }) => blank?.exact).length, n);
  if (n === 0 || own.lower <= chance || own.mean - other.mean >= limits.pictureCost) return null;
  return named(
    'data:imageNotNeeded',
    `With the pictures of other records ${percent(other.mean)} of the answers are still right, ${percent(own.mean)} with their own, ${percent(grey.mean)} with grey ones (n = ${n}): the picture is not used.`,
    { own: own.mean, shuffled: other.mean, blank: grey.mean, n, chance },
  );
}

function timeCause(losses: readonly number[]): Decision<Cause> | null {
  const [before, , , last] = losses.slice(-4);
  if (before === undefined || last === undefined || !(last < (1 - limits.stillFalling) * before)) return null;
  return named(
    'moreEpochs',
    `The loss on the training set still falls: ${figure(before)} to ${figure(last)} nats a token over the last three evaluations.`,
    { before, last },
  );
}

function shown(text: string | null): string {
  return (text ?? '').trim().slice(0, 60);
}
