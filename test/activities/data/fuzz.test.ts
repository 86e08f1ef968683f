import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fuzzRound, roundKinds } from '../../../bench/fuzz/rounds.js';
import { Random } from '../../../bench/lib/random.js';

const folder = mkdtempSync(path.join(tmpdir(), 'anneal-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `npm run bench -- fuzz` does the same ten thousand times. */
describe('broken data', () => {
  it.each(roundKinds)('of %s crash nothing and lose no row', async (kind) => {
    const rounds = kind === 'bytes' ? 60 : 2;
    const faults: string[] = [];
    let mutations = 0;
    for (let round = 0; round < rounds; round += 1) {
      const end = await fuzzRound(path.join(folder, `${kind}-${round}`), kind, new Random(9_000 + round));
      faults.push(...end.faults);
      mutations += end.mutations;
    }
    expect(faults).toEqual([]);
    expect(mutations).toBeGreaterThanOrEqual(60);
  });
});
