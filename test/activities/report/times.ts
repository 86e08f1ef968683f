export const startedAt = '2026-11-25T03:14:00.000Z';

/** The time so many minutes after the run's start. */
export function minutesIn(minutes: number): string {
  return new Date(Date.parse(startedAt) + minutes * 60_000).toISOString();
}
