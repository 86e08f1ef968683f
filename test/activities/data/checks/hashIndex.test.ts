import fc from 'fast-check';
import {
  comparisonsOf,
  hashDistance,
  surelyFound,
  visitNearPairs,
} from '../../../../activities/data/checks/hashIndex.js';
import { atOnce } from '../../../../activities/data/memory/steps.js';
import type { Hash } from '../../../../activities/data/pictures/fingerprint.js';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const random = fc.tuple(word, word);
/** A few centres, and hashes some bits away from them: nearness on every scale, and equal hashes. */
const clustered = fc
  .tuple(
    fc.array(random, { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(63))), { maxLength: 40 }),
  )
  .map(([centres, members]) =>
    members.map(([centre, bits]) => bits.slice(0, 9).reduce(flipped, centres[centre % centres.length] as Hash)),
  );
const hashes = fc.oneof(fc.array(random, { maxLength: 40 }), clustered);

function flipped([high, low]: Hash, bit: number): Hash {
  return bit < 32 ? [(high ^ (1 << bit)) >>> 0, low] : [high, (low ^ (1 << (bit - 32))) >>> 0];
}

function columns(list: readonly Hash[]) {
  const high = Uint32Array.from(list, ([each]) => each);
  return { high, low: Uint32Array.from(list, ([, each]) => each), count: list.length };
}

function found(list: readonly Hash[], distance: number, flip: Hash = [0, 0]): string[] {
  const pairs: string[] = [];
  atOnce(
    visitNearPairs(columns(list), { distance, flip }, (one, other, bits) => pairs.push(`${one} ${other} ${bits}`)),
  );
  return pairs.sort();
}

function byAllPairs(list: readonly Hash[], distance: number, flip: Hash = [0, 0]): string[] {
  const turned = list.map(([high, low]): Hash => [(high ^ flip[0]) >>> 0, (low ^ flip[1]) >>> 0]);
  const pairs: string[] = [];
  for (const [one, hash] of turned.entries())
    for (let other = one + 1; other < list.length; other += 1) {
      const bits = hashDistance(hash, list[other] as Hash);
      if (bits <= distance) pairs.push(`${one} ${other} ${bits}`);
    }
  return pairs.sort();
}

describe('visitNearPairs', () => {
  it('finds the pairs that a comparison of all pairs finds, each once', () => {
    const property = fc.property(hashes, fc.integer({ min: 0, max: surelyFound }), (list, distance) =>
      expect(found(list, distance)).toEqual(byAllPairs(list, distance)),
    );
    fc.assert(property);
  });

  it('finds pairs of which one is turned over', () => {
    const flip: Hash = [0x55555555, 0x55555555];
    const turn = ([high, low]: Hash): Hash => [(high ^ flip[0]) >>> 0, (low ^ flip[1]) >>> 0];
    const property = fc.property(clustered, (list) => {
      const both = [...list, ...list.map(turn)];
      expect(found(both, surelyFound, flip)).toEqual(byAllPairs(both, surelyFound, flip));
    });
    fc.assert(property);
  });

  it('finds no pair twice and no wrong one beyond the distance that is sure', () => {
    const property = fc.property(hashes, (list) => {
      const pairs = found(list, 10);
      expect(new Set(pairs).size).toBe(pairs.length);
      const all = new Set(byAllPairs(list, 10));
      expect(pairs.every((pair) => all.has(pair))).toBe(true);
    });
    fc.assert(property);
  });

  it('says beforehand how much it compares: all pairs in every band where all hashes are equal', () => {
    const same = Array.from({ length: 20 }, (): Hash => [7, 9]);
    expect(comparisonsOf(columns(same))).toBe((4 * 20 * 19) / 2);
  });
});
