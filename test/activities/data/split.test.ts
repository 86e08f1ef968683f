import fc from 'fast-check';
import { assignSplits, type GroupFacts } from '../../../activities/data/splits/assign.js';
import { Groups } from '../../../activities/data/splits/groups.js';
import { fractionOf, splitAt } from '../../../activities/data/splits/split.js';
import type { Split } from '../../../config/records.js';
import { RecipeSettings } from '../../../config/settings.js';

const shares = RecipeSettings.parse({}).data.split;
const splitOf = (group: string, of = shares) => splitAt(fractionOf(group, 1), of);

interface Shared {
  group: string | null;
  pictures: string[];
}

/** A record by what it shares: a declared group or none, and pictures. */
const record: fc.Arbitrary<Shared> = fc.record({
  group: fc.option(fc.constantFrom('g1', 'g2', 'g3', 'g4'), { nil: null }),
  pictures: fc.array(fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5', 'p6'), { minLength: 1, maxLength: 2 }),
});

const keysOf = ({ group, pictures }: Shared) => [...(group === null ? [] : [group]), ...pictures];

function named(records: Shared[]): string[] {
  const groups = new Groups(1);
  const handles = records.map(({ group, pictures }) => {
    const keys = [
      ...(group === null ? [] : [groups.keyOf('declared', group)]),
      ...pictures.map((picture) => groups.keyOf('picture', picture)),
    ];
    for (const key of keys) groups.unite(keys[0] as number, key);
    return keys[0] as number;
  });
  return handles.map((handle) => groups.groupOf(handle).name);
}

/** Groups of one record each, by their answer. */
function groupsOf(answers: number[], pinned: (Split | null)[] = []): GroupFacts[] {
  return answers.map((answer, index) => ({
    fraction: fractionOf(`group ${index}`, 1),
    rows: 1,
    pinned: pinned[index] ?? null,
    answer,
  }));
}

describe('the split', () => {
  it('keeps records that share a picture or a group together', () => {
    const property = fc.property(fc.array(record, { maxLength: 12 }), (records) => {
      const names = named(records);
      for (const [i, one] of records.entries())
        for (const [j, other] of records.entries())
          if (keysOf(one).some((each) => keysOf(other).includes(each))) expect(names[i]).toBe(names[j]);
    });
    fc.assert(property);
  });

  it('is the same in whatever order the rows come', () => {
    const property = fc.property(fc.array(record, { maxLength: 12 }), (records) => {
      expect(named([...records].reverse()).reverse()).toEqual(named(records));
    });
    fc.assert(property);
  });

  it('moves no declared group when rows are added, unless they tie two of them together', () => {
    const property = fc.property(fc.array(record), record, (rows, added) => {
      const before = named(rows);
      const tied = new Set(
        rows.flatMap((row, index) => (keysOf(row).some((each) => keysOf(added).includes(each)) ? [before[index]] : [])),
      );
      const after = named([...rows, added]);
      const declared = (name: string | undefined) =>
        rows.some(({ group }, index) => group !== null && before[index] === name);
      for (const [index, name] of before.entries())
        if (!tied.has(name) || (tied.size === 1 && declared(name) && added.group === null))
          expect(after[index]).toBe(name);
    });
    fc.assert(property);
  });

  it('depends on seed and group only and comes near its shares', () => {
    const counts = { train: 0, dev: 0, validation: 0, test: 0 };
    for (let group = 0; group < 20_000; group += 1) counts[splitOf(`group-${group}`)] += 1;
    for (const name of ['train', 'dev', 'validation', 'test'] as const)
      expect(Math.abs(counts[name] / 20_000 - shares[name])).toBeLessThan(0.01);
  });

  it('never moves a held-out record into train when the share of train falls', () => {
    const smaller = { ...shares, train: 0.3 };
    const whole = { test: 0.25, validation: 0.1, dev: 0.05, train: 0.6 };
    for (let group = 0; group < 2000; group += 1)
      if (splitOf(`${group}`, whole) === 'test') expect(splitOf(`${group}`, smaller)).toBe('test');
  });

  it('keeps a class of two in train and validation and one of three in test too, moving as few groups as it can', () => {
    const property = fc.property(fc.array(fc.nat(5), { maxLength: 60 }), (answers) => {
      const groups = groupsOf(answers);
      const { splits, moved } = assignSplits(groups, shares, true);
      const changed = groups.filter(({ fraction }, index) => splits[index] !== splitAt(fraction, shares));
      expect(changed.length).toBeLessThanOrEqual(moved);
      for (const answer of new Set(answers)) {
        const held = splits.filter((_, index) => answers[index] === answer);
        for (const name of (['train', 'validation', 'test'] as const).slice(0, held.length === 1 ? 0 : held.length))
          expect(held).toContain(name);
      }
    });
    fc.assert(property);
  });

  it('never moves what an earlier build decided', () => {
    const property = fc.property(
      fc.array(fc.tuple(fc.nat(3), fc.constantFrom<Split | null>('train', 'test', null))),
      (rows) => {
        const pins = rows.map(([, pin]) => pin);
        const { splits } = assignSplits(
          groupsOf(
            rows.map(([answer]) => answer),
            pins,
          ),
          shares,
          true,
        );
        for (const [index, pin] of pins.entries()) if (pin) expect(splits[index]).toBe(pin);
      },
    );
    fc.assert(property);
  });

  it('puts a group of more than a fifth of the records whole into train', () => {
    const groups = [{ fraction: 0.1, rows: 300, pinned: null, answer: null }, ...groupsOf(Array(200).fill(1))];
    const { splits, giants } = assignSplits(groups, shares, false);
    expect({ giants, first: splits[0] }).toEqual({ giants: [0], first: 'train' });
  });
});
