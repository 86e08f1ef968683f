/** What experiment trackers read from the environment: where they report to, and by which key. */
import type { Tracker } from '../../config/training.js';

/**
 * Variables of the trackers that are asked for, and of no others: `MLFLOW_TRACKING_URI`, `WANDB_API_KEY` and the like; and
 * the workflow that a curve belongs to.
 */
export function trackerEnvironment(
  trackers: readonly Tracker[] = [],
  workflowId: string | undefined = undefined,
): Record<string, string> {
  if (trackers.length === 0) return {};
  const prefixes = trackers.map((tracker) => `${tracker.toUpperCase()}_`);
  const own = Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && prefixes.some((prefix) => entry[0].startsWith(prefix)),
    ),
  );
  return workflowId === undefined ? own : { ...own, ANNEAL_WORKFLOW_ID: workflowId };
}
