import fc from 'fast-check';
import { Groups } from '../../../activities/data/split/groups.js';
import { splitOf } from '../../../activities/data/split/split.js';
import { RecipeSettings } from '../../../config/settings.js';

const shares = RecipeSettings.parse({}).data.split;
/** A record by what it shares: a declared group or none, and pictures. */
const record = fc
  .record({
    group: fc.option(fc.constantFrom('g1', 'g2', 'g3', 'g4'), { nil: null }),
    pictures: fc.array(fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5', 'p6'), { minLength: 1, maxLength: 2 }),
  })
  .map(({ group, pictures }) => [...(group === null ? [] : [group]), ...pictures] as [string, ...string[]]);

function named(records: [string, ...string[]][]): string[] {
  const groups = new Groups();
  const handles = records.map((shared) => groups.join(shared));
  return handles.map((handle) => groups.nameOf(handle));
}

describe('the split', () => {
  it('keeps records that share a picture or a group together', () => {
    const property = fc.property(fc.array(record, { maxLength: 12 }), (records) => {
      const names = named(records);
      for (const [i, one] of records.entries())
        for (const [j, other] of records.entries())
          if (one.some((each) => other.includes(each))) expect(names[i]).toBe(names[j]);
    });
    fc.assert(property);
  });

  it('moves no group when rows are added, wherever they are put, if each row shares one thing', () => {
    const single = fc.constantFrom('a', 'b', 'c', 'd').map((name): [string] => [name]);
    const property = fc.property(fc.array(single), fc.array(single), fc.nat(), (rows, added, at) => {
      const place = rows.length === 0 ? 0 : at % rows.length;
      const names = named([...rows.slice(0, place), ...added, ...rows.slice(place)]);
      expect([...names.slice(0, place), ...names.slice(place + added.length)]).toEqual(named(rows));
    });
    fc.assert(property);
  });

  it('moves no group when rows are added at the end, unless they tie two groups together', () => {
    const property = fc.property(fc.array(record), record, (rows, added) => {
      const before = named(rows);
      const tied = new Set(
        rows.flatMap((row, index) => (row.some((each) => added.includes(each)) ? [before[index]] : [])),
      );
      if (tied.size < 2) expect(named([...rows, added]).slice(0, rows.length)).toEqual(before);
    });
    fc.assert(property);
  });

  it('depends on seed and group only and comes near its shares', () => {
    const counts = { train: 0, dev: 0, validation: 0, test: 0 };
    for (let group = 0; group < 20_000; group += 1) counts[splitOf(`group-${group}`, 1, shares)] += 1;
    for (const name of ['train', 'dev', 'validation', 'test'] as const)
      expect(Math.abs(counts[name] / 20_000 - shares[name])).toBeLessThan(0.01);
    expect(splitOf('group-7', 1, shares)).toBe(splitOf('group-7', 1, { ...shares }));
  });

  it('never moves a held-out record into train when the share of train falls', () => {
    const smaller = { ...shares, train: 0.3 };
    const whole = { test: 0.25, validation: 0.1, dev: 0.05, train: 0.6 };
    for (let group = 0; group < 2000; group += 1)
      if (splitOf(`${group}`, 1, whole) === 'test') expect(splitOf(`${group}`, 1, smaller)).toBe('test');
  });
});
