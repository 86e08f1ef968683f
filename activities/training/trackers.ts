/** What experiment trackers read from the environment: where they report to, and by which key. */
import type { Tracker } from '../../config/training.js';

/** Variables of the trackers that are asked for, and of no others: `MLFLOW_TRACKING_URI`, `WANDB_API_KEY` and the like. */
export function trackerEnvironment(trackers: readonly Tracker[] = []): Record<string, string> {
  const prefixes = trackers.map((tracker) => `${tracker.toUpperCase()}_`);
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && prefixes.some((prefix) => entry[0].startsWith(prefix)),
    ),
  );
}
