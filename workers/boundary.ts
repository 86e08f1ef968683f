/** What holds for every activity: it beats, its result is small, and its problems become Temporal's failures. */
import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { nonRetryableProblems, type Problem, ProblemError } from '../config/problems.js';
import { maximumPayloadBytes } from '../config/queues.js';
import { fileRefused } from './systemErrors.js';
import { activityBeat, activityBegan, activityEnded, activityFailed } from './telemetry/activityMetrics.js';

/** Longest text of a failure: Temporal strips a retrying activity's failure above 4 KiB. */
const maximumFailureLength = 2000;
const beatMilliseconds = 4000;
/** Of each running activity; of the attempt before, until this one has said something itself. */
const lastDetails = new WeakMap<Context, unknown>();

/** Heartbeats with these details now, and repeats them until others come. */
export function beat(details: unknown): void {
  lastDetails.set(Context.current(), details);
  heartbeat(details);
}

type Activity = (...args: unknown[]) => Promise<unknown>;

/** The same activities, each with what holds for every one. */
export function bounded<Activities extends object>(activities: Activities): Activities {
  const entries = Object.entries<Activity>(activities as Record<string, Activity>);
  return Object.fromEntries(entries.map(([name, activity]) => [name, inBoundary(activity)])) as Activities;
}

function inBoundary(activity: Activity): Activity {
  return async (...args) => {
    const context = Context.current();
    lastDetails.set(context, context.info.heartbeatDetails);
    activityBegan(context);
    const timer = setInterval(() => {
      context.heartbeat(lastDetails.get(context));
      activityBeat(context);
    }, beatMilliseconds);
    try {
      const result = await activity(...args);
      requireSmall(result);
      return result;
    } catch (error) {
      activityFailed(context, error);
      throw toApplicationFailure(error, context.info.attempt);
    } finally {
      clearInterval(timer);
      activityEnded(context);
    }
  };
}

function requireSmall(result: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(result) ?? '');
  if (bytes <= maximumPayloadBytes) return;
  throw new ProblemError({
    type: 'PayloadTooLarge',
    what: `The result of ${activityInfo().activityType} has ${bytes} bytes; ${maximumPayloadBytes} are allowed. ${largestField(result)}`,
    where: `activity ${activityInfo().activityType}`,
    todo: 'Write it to a file and return the URI.',
  });
}

function largestField(result: unknown): string {
  if (typeof result !== 'object' || result === null) return '';
  const sizes = Object.entries(result).map(([name, value]) => [name, JSON.stringify(value)?.length ?? 0] as const);
  const [name, size] = sizes.sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  return `The largest field is "${name}" (${size}).`;
}

/** The one place where a problem becomes a failure; any other error passes as it is and is retried. */
function toApplicationFailure(error: unknown, attempt: number): unknown {
  const known = error instanceof ProblemError ? error : fileRefused(error, attempt);
  if (known === undefined) return error;
  const { problem } = known;
  return ApplicationFailure.create({
    type: problem.type,
    message: known.message.slice(0, maximumFailureLength),
    nonRetryable: nonRetryableProblems.includes(problem.type),
    details: [shortened(problem)],
    cause: known,
  });
}

function shortened({ type, what, where, todo }: Problem): Problem {
  return { type, what: what.slice(0, 600), where: where.slice(0, 300), todo: todo.slice(0, 300) };
}
