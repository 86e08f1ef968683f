import { ChoiceSample } from '../../../../activities/data/convert/choiceSample.js';
import { convertRecord } from '../../../../activities/data/convert/convert.js';
import { Draws } from '../../../../activities/data/convert/draws.js';
import { type ProbeItem, probeItemOf, probeOptions } from '../../../../activities/data/convert/optionsProbe.js';
import type { TaskRecord } from '../../../../config/records.js';
import { guessability } from '../../../../workflows/policies/guessability.js';
import { recordsOf, settingsOf, viewOf } from './builders.js';

const items = 240;
const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

/** Sets of four made words, the right one in some way unlike the others. */
function itemsOf(seed: number, right: (draws: Draws, options: string[]) => number): ProbeItem[] {
  const draws = new Draws('set', seed);
  const word = () => Array.from({ length: 5 }, () => draws.pick([...'bcdfghklmnprst'])).join('');
  return Array.from({ length: items }, (_, index) => {
    const options = Array.from({ length: 4 }, word);
    return { group: `g${Math.floor(index / 2)}`, right: right(draws, options), options };
  });
}

/** The verdict, as far as the options alone settle it: guessable or not. */
const guessable = (set: readonly ProbeItem[], seed: number) =>
  guessability({ optionsAlone: probeOptions(set, seed) }).verdict === 'guessable';

const share = (makes: (seed: number) => readonly ProbeItem[]) =>
  seeds.filter((seed) => guessable(makes(seed), seed)).length / seeds.length;

const planted: Record<string, (draws: Draws, options: string[]) => number> = {
  'a longer right option': (draws, options) => {
    const right = draws.below(4);
    if (draws.next() < 0.6) options[right] = `${options[right]} indeed`;
    return right;
  },
  'a favourite place': (draws) => (draws.next() < 0.5 ? 1 : draws.below(4)),
  'a word that only right options hold': (draws, options) => {
    const right = draws.below(4);
    if (draws.next() < 0.5) options[right] = `wax${options[right]?.slice(3)}`;
    return right;
  },
  'numbers spread round the right one': (draws, options) => {
    const [right, value] = [draws.below(4), 100 + draws.below(900)];
    const off = [-draws.below(80) - 5, draws.below(80) + 5, draws.below(80) + 90];
    for (let place = 0, other = 0; place < 4; place++)
      options[place] = String(place === right ? value : value + (off[other++] ?? 0));
    return right;
  },
};

describe('probeOptions (methods M4)', () => {
  it.each(Object.entries(planted))('finds %s in at least 95 %% of seeds', (_name, right) => {
    expect(share((seed) => itemsOf(seed, right))).toBeGreaterThanOrEqual(0.95);
  });

  it('finds nothing in a fair set in at least 95 % of seeds', () => {
    expect(share((seed) => itemsOf(seed, (draws) => draws.below(4)))).toBeLessThanOrEqual(0.05);
  });

  it('asks nothing where there are too few groups to hold some back', () => {
    expect(probeOptions([{ group: 'a', options: ['x', 'y'], right: 0 }], 1).n).toBe(0);
  });
});

describe('ChoiceSample', () => {
  it('holds a bounded sample, the same in any order, and says whether its options give the answer away', () => {
    const settings = settingsOf({ kind: 'text' }, [{ format: 'multipleChoice' }]);
    const records = recordsOf(Array.from({ length: 300 }, (_, index) => `AB ${100 + index}`));
    const answers = viewOf(records, settings);
    const variants = records.flatMap((record) => convertRecord(record, { answers }, settings).variants);
    const verdictOf = (made: readonly TaskRecord[]) => {
      const sample = new ChoiceSample();
      for (const record of made) sample.add(record);
      return sample.verdict(1);
    };
    expect(verdictOf(records)).toBeNull();
    expect(verdictOf(variants)?.verdict).toBe('cannotTell');
    expect(verdictOf([...variants].reverse())).toEqual(verdictOf(variants));
    const always = variants.filter((record) => probeItemOf(record)?.right === 0);
    expect(verdictOf(always)?.verdict).toBe('guessable');
  });
});

describe('the choices that convertRecord makes', () => {
  const answers: Record<string, (draws: Draws) => string> = {
    numbers: (draws) => `${draws.below(10) < 3 ? 10 * draws.below(100) : draws.below(2000)} mm`,
    codes: (draws) => `AB ${100 + draws.below(900)}`,
    'words of uneven frequency': (draws) => draws.pick(['red', 'red', 'red', 'blue', 'blue', 'green', 'grey', 'pink']),
  };

  it.each(Object.entries(answers))('are not guessed from the options alone: %s', (name, answerOf) => {
    const found = share((seed) => {
      const draws = new Draws('answers', seed);
      const records = recordsOf(Array.from({ length: items }, () => answerOf(draws)));
      const settings = settingsOf({ kind: name === 'numbers' ? 'number' : 'text' }, [{ format: 'multipleChoice' }], {
        seed,
      });
      const answers = viewOf(records, settings);
      return records
        .flatMap((record) => convertRecord(record, { answers }, settings).variants)
        .flatMap((variant) => probeItemOf(variant) ?? []);
    });
    expect(found).toBeLessThanOrEqual(0.05);
  });
});
