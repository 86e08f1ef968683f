import { visitNearPairs } from '../../../../activities/data/checks/hashIndex.js';
import { atOnce, breathing } from '../../../../activities/data/memory/steps.js';

describe('work in steps', () => {
  const count = 300;
  const hashes = { high: new Uint32Array(count), low: new Uint32Array(count), count };

  it('takes a breath before each of the four bands at least, and finds the same', async () => {
    const found = { atOnce: 0, breathing: 0 };
    atOnce(visitNearPairs(hashes, { distance: 0 }, () => found.atOnce++));
    let breaths = 0;
    await breathing(
      visitNearPairs(hashes, { distance: 0 }, () => found.breathing++),
      async () => {
        breaths += 1;
      },
    );
    expect(found).toEqual({ atOnce: (count * (count - 1)) / 2, breathing: (count * (count - 1)) / 2 });
    expect(breaths).toBeGreaterThanOrEqual(4);
  });

  it('ends when a breath throws', async () => {
    const cancelled = new Error('cancelled');
    let visited = 0;
    const work = breathing(
      visitNearPairs(hashes, { distance: 0 }, () => visited++),
      async () => {
        throw cancelled;
      },
    );
    await expect(work).rejects.toBe(cancelled);
    expect(visited).toBe(0);
  });
});
