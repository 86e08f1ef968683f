/** Broken records and pictures through the builder: never a crash, never a row that vanishes. */
import path from 'node:path';
import { fuzzRound, type RoundEnd, type RoundKind, roundKinds } from './fuzz/rounds.js';
import { bench, positive, tell } from './lib/bench.js';
import { Random } from './lib/random.js';

const about = `Builds datasets from records and pictures that were broken by chance: bytes flipped, cut, doubled or put in, headers
swapped, values of other types, deep nesting, huge numbers, half characters. Every row must end in the ledger with its fate,
or its file must be refused by a message for a person.

  --mutations N   how many (10000)
  --seed N        of the first round (1)`;

await bench(
  {
    name: 'fuzz',
    about,
    options: { mutations: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
  },
  async ({ values, folder, interrupted }) => {
    const wanted = positive('--mutations', values.mutations);
    const seed = positive('--seed', values.seed);
    const sums = new Map<RoundKind, RoundEnd>();
    let done = 0;
    for (let round = 0; done < wanted; round += 1) {
      interrupted.throwIfAborted();
      // Of sixteen rounds one breaks 60 pictures, one the values of 60 records, and the others the bytes of one file each.
      const kind = round % 16 === 0 ? 'pictures' : round % 16 === 8 ? 'values' : 'bytes';
      const end = await fuzzRound(path.join(folder, `${seed + round}`), kind, new Random(seed + round));
      sums.set(kind, added(sums.get(kind), end));
      done += end.mutations;
      for (const fault of end.faults) tell(`seed ${seed + round}, ${kind}: ${fault}`);
    }
    const faults = [...sums.values()].flatMap((end) => end.faults);
    return {
      columns: ['Broken', 'Mutations', 'Rows read', 'Used', 'Rejected', 'Files refused', 'Faults'],
      rows: roundKinds.flatMap((kind) => {
        const end = sums.get(kind);
        if (!end) return [];
        const { mutations, rows, used, rejected, refused } = end;
        return [[kind, ...[mutations, rows, used, rejected, refused, end.faults.length].map(String)]];
      }),
      claim: `${done} mutations: ${faults.length} crashes or vanished rows.`,
      holds: faults.length === 0,
      facts: { done, sums: Object.fromEntries(sums) },
    };
  },
);

function added(before: RoundEnd | undefined, end: RoundEnd): RoundEnd {
  if (!before) return end;
  return {
    mutations: before.mutations + end.mutations,
    rows: before.rows + end.rows,
    used: before.used + end.used,
    rejected: before.rejected + end.rejected,
    refused: before.refused + end.refused,
    faults: [...before.faults, ...end.faults],
  };
}
