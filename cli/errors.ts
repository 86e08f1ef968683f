/** Any error as what a person reads and a script gets: what, where, do, and the exit code. */
import { describeProblem, exitCodeOf, exitCodes, Problem } from '../config/problems.js';

export interface Explained {
  problem: Problem;
  exitCode: number;
}

/** Errors are told apart by name, not by class: this must not load Temporal's client to print a typing error. */
export function explain(error: unknown): Explained {
  const chain = causesOf(error);
  for (const one of chain) {
    const found = problemOf(one);
    if (found !== null) return { problem: found, exitCode: exitCodeOf(found.type) };
  }
  const cancelled = chain.find(({ name }) => name === 'CancelledFailure' || name === 'TerminatedFailure');
  if (cancelled) return { problem: ended(cancelled), exitCode: exitCodes.cancelled };
  return { problem: unexpected(chain), exitCode: exitCodes.fault };
}

/** The one form in which a problem is printed. The stack only where it was asked for. */
export function printable(error: unknown, { problem }: Explained, debug: boolean): string {
  const text = describeProblem(problem);
  return debug && error instanceof Error ? `${text}\n\n${error.stack}` : text;
}

function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 20; at = at.cause) chain.push(at);
  return chain.length > 0 ? chain : [new Error(String(error))];
}

function problemOf(error: Error): Problem | null {
  if (error.name === 'ProblemError') return Problem.parse((error as Error & { problem: unknown }).problem);
  if (error.name === 'ApplicationFailure') return failureProblem(error as Error & { details?: unknown[] });
  if (error.name === 'WorkflowNotFoundError') return noSuchRun(error as Error & { workflowId?: string });
  return isUnavailable(error) ? unreachable(error) : null;
}

/** A workflow's failure carries our problem in its details; any other is a fault of ours. */
function failureProblem({ details, message }: Error & { details?: unknown[] }): Problem {
  const parsed = Problem.safeParse(details?.[0]);
  if (parsed.success) return parsed.data;
  return { type: 'Internal', what: message, where: 'the run', todo: 'Look at the run in Temporal’s web page.' };
}

function noSuchRun({ workflowId }: Error & { workflowId?: string }): Problem {
  return {
    type: 'InvalidInput',
    what: `There is no run ${workflowId ? `"${workflowId}"` : 'of that name'}.`,
    where: 'the command line',
    todo: '`anneal status` lists the runs.',
  };
}

/** gRPC's UNAVAILABLE and DEADLINE_EXCEEDED. */
const unavailableCodes = [14, 4];

/** True where the Temporal server can't be reached, which never means that a run failed. */
export function isUnavailable(error: unknown): boolean {
  return causesOf(error).some((each) => unavailableCodes.includes((each as { code?: unknown }).code as number));
}

function unreachable(error: Error): Problem {
  return {
    type: 'EngineUnavailable',
    what: `The Temporal server does not answer: ${error.message}`,
    where: 'its address in .anneal/engine.json or TEMPORAL_ADDRESS',
    todo: 'Start the engine with `anneal dev`; runs go on where they were.',
  };
}

function ended({ name }: Error): Problem {
  const how = name === 'CancelledFailure' ? 'cancelled' : 'terminated';
  return { type: 'Internal', what: `The run was ${how}.`, where: 'the run', todo: 'Start it anew with `anneal run`.' };
}

function unexpected(chain: readonly Error[]): Problem {
  return {
    type: 'Internal',
    what: chain.map(({ message }) => message).join(': '),
    where: chain.at(-1)?.stack?.split('\n')[1]?.trim() ?? 'unknown',
    todo: 'This is a fault of Anneal. The same command with --debug shows where; please report it.',
  };
}
