/** Log lines as JSON, one object a line, with the names by which everything else knows a run. */
import type { LogEntry } from '@temporalio/worker';

/** The steps of a run, which are in the ids of their workflows: `<run>.<step>` and `<run>.<step>.<training>`. */
export const stepNames = [
  'buildDataset',
  'promptFirst',
  'sanityCheck',
  'sweep',
  'mixGeneric',
  'trainStaged',
  'alignPreferences',
  'evaluate',
] as const;
const inStep = new RegExp(`^(.+?)\\.(${stepNames.join('|')})(?:\\.(.+))?$`);

/** Where in a run a workflow stands, by its id. */
export function placeInRun(workflowId: string): { runWorkflowId: string; step?: string; training?: string } {
  const [, runWorkflowId, step, training] = inStep.exec(workflowId) ?? [];
  if (runWorkflowId === undefined || step === undefined) return { runWorkflowId: workflowId };
  return { runWorkflowId, step, ...(training === undefined ? {} : { training }) };
}

/** The SDK's names that are ours by another name, and those that help nobody. */
const renamed: Record<string, string> = {
  activityType: 'activity',
  workflowRunId: 'runId',
  trace_id: 'traceId',
  span_id: 'spanId',
};
const dropped = new Set(['taskToken', 'trace_flags', 'isLocal']);

/** One line, without its end. `worker` is the kind of worker that says it. */
export function jsonLine({ level, message, meta = {}, timestampNanos }: LogEntry, worker: string): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const said = Object.entries(meta).filter(([name]) => !dropped.has(name));
  const fields = Object.fromEntries(said.map(([name, value]) => [renamed[name] ?? name, value]));
  const { workflowId } = fields;
  const place = typeof workflowId === 'string' ? placeInRun(workflowId) : {};
  return JSON.stringify({ time, level, message, worker, ...place, ...fields }, plain);
}

/** Errors and big numbers, which JSON does not know. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause === undefined ? {} : { cause }) };
}
