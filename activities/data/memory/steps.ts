/** Long work in steps: a generator that yields where it can be interrupted, and is run at once or with breaths between. */

export type Steps<Result> = Generator<void, Result, void>;

export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** `breathe` lets timers and other work go on, and may throw to end the work. */
export async function breathing<Result>(steps: Steps<Result>, breathe: () => Promise<void>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await breathe();
  }
}
