/**
 * Runs `work` on each item in order, up to `workers` at once. The first error aborts the rest, and is thrown once
 * everything that was begun has ended, so that nothing goes on behind the caller's back.
 */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  workers: number,
  work: (item: Item) => Promise<void>,
  stop: AbortController,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    try {
      for (const item of queue) {
        if (stop.signal.aborted) return;
        await work(item);
      }
    } catch (error) {
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, worker));
  stop.signal.throwIfAborted();
}
