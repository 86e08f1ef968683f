import { setTimeout as pause } from 'node:timers/promises';

/** What `look` finds, as soon as it finds something. Throws after so many seconds, with what was seen last. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined>,
  { seconds = 60, seen = () => '' }: { seconds?: number; seen?: () => unknown } = {},
): Promise<Found> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Not within ${seconds} s: ${what}. Seen last: ${seen()}`);
    await pause(300);
  }
}
