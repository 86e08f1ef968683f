import fc from 'fast-check';
import { AnswerKind } from '../../../config/evaluation.js';
import type { MeaningCheck } from '../../../config/rewriting.js';
import { agreedAnswer } from '../../../workflows/policies/rewriting/agreement.js';
import { formFix, hasForm, isLossless } from '../../../workflows/policies/rewriting/formFix.js';
import { failedCheck, meaningChecks } from '../../../workflows/policies/rewriting/keepsMeaning.js';
import { negationsIn, numbersIn, surplus, unitsIn } from '../../../workflows/policies/rewriting/meaningTokens.js';

const text = AnswerKind.parse({ kind: 'text' });
const label = AnswerKind.parse({ kind: 'label', labels: ['Cat', 'Dog'] });
const number = AnswerKind.parse({ kind: 'number' });
const json = AnswerKind.parse({ kind: 'json', fields: { count: 'integer', name: 'string' } });

function failed(before: string, after: string, kind: AnswerKind = text): MeaningCheck['name'] | null {
  return failedCheck(meaningChecks({ answer: kind, length: { least: 0.5, most: 2 } }, before, after))?.name ?? null;
}

describe('keepsMeaning (M4)', () => {
  it.each([
    ['the valve is closed', 'The valve is closed.'],
    ['2 bolts, 3 nuts', 'Two bolts and three nuts.'],
    ['pressure 5 bar', 'The pressure is 5 bar.'],
    ["it isn't open", 'It is not open.'],
    ['seen by Anna Meier', 'Anna Meier has seen it.'],
    ['1,000 mm long', 'It is 1000 mm long.'],
    ['kein Leck an Ventil 3', 'An Ventil 3 ist kein Leck.'],
    ['le robinet n’est pas ouvert', 'Le robinet n’est pas ouvert.'],
    ['阀门没有打开', '阀门没有打开。'],
  ])('lets "%s" become "%s"', (before, after) => {
    expect(failed(before, after)).toBeNull();
  });

  it.each([
    ['pressure 5 bar', 'The pressure is 6 bar.', 'numbers'],
    ['pressure 5 bar', 'The pressure is 5 psi.', 'units'],
    ['the valve is not closed', 'The valve is closed.', 'negations'],
    ['the valve is closed', 'The valve is not closed.', 'negations'],
    ['seen by Anna Meier', 'It was seen by Anna Maier.', 'names'],
    ['two cats', 'Two cats and 3 dogs lie here.', 'numbers'],
    ['yes', 'Yes, the light on the panel is on.', 'length'],
    ['a long description of one small thing', 'a thing', 'length'],
  ])('does not let "%s" become "%s" (%s)', (before, after, name) => {
    expect(failed(before, after)).toBe(name);
  });

  it('reads the answer by the scorer of the task, and takes another one for a change of meaning', () => {
    expect(failed('The animal is a cat', 'Cat', label)).toBeNull();
    expect(failed('The animal is a cat', 'Dog', label)).toBe('scorer');
    expect(failed('Cat', 'It is a cat', label)).toBe('form');
    expect(failed('about five', '5', number)).toBe('scorer');
    expect(failed('It reads 5.', '5', number)).toBeNull();
    expect(failed("{'count': 2, 'name': 'bolt'}", '{"count":2,"name":"bolt"}', json)).toBeNull();
    expect(failed("{'count': 2, 'name': 'bolt'}", '{"count":3,"name":"bolt"}', json)).toBe('scorer');
  });

  it('never lets a text through with a number or a denial more or less', () => {
    const words = fc.array(fc.constantFrom('the', 'valve', 'is', 'open', 'and', 'red', 'here'), {
      minLength: 6,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        words,
        fc.nat(9999),
        fc.constantFrom('not', '7', 'no', 'never'),
        fc.nat(11),
        (all, digits, extra, at) => {
          const before = [...all, String(digits)];
          const after = before.toSpliced(at % before.length, 0, extra);
          expect(failed(before.join(' '), before.join(' '))).toBeNull();
          expect(failed(before.join(' '), after.join(' '))).not.toBeNull();
        },
      ),
    );
  });
});

describe('what must survive', () => {
  it('are numbers, units and denials as they stand', () => {
    expect(numbersIn("1,000 m, −3.5 and twelve; 10'000")).toEqual(['1000', '-3.5', '10000', '12']);
    expect(unitsIn('5 bar, 20 °C, 3 apples, 7%')).toEqual(['bar', '°C', '%']);
    expect(['not', "isn't", 'nothing', 'a knot'].map(negationsIn)).toEqual([1, 1, 1, 0]);
    expect(surplus(['a', 'a', 'b'], ['a'])).toEqual(['a', 'b']);
  });
});

describe('formFix', () => {
  it('mends by the scorer’s repairs what is proven, and nothing else', () => {
    expect(formFix(label, ' cat. ')).toBe('Cat');
    expect(formFix(label, 'a cat')).toBeNull();
    expect(formFix(json, "```json\n{'count': 2, 'name': 'bolt',}\n```")).toBe('{"count":2,"name":"bolt"}');
    expect(formFix(json, 'Here: {"count": 2, "name": "bolt"}')).toBeNull();
    expect(formFix(json, '{"count": "2", "name": "bolt"}')).toBeNull();
    expect(formFix(number, '"5 bar"')).toBe('5 bar');
    expect(formFix(text, ' "yes" ')).toBeNull();
  });

  it('proves no change of value lossless', () => {
    expect(isLossless(json, '{"count":2,"name":"bolt"}', '{"name":"bolt","count":2}')).toBe(true);
    expect(isLossless(json, '{"count":2,"name":"bolt"}', '{"count":2,"name":"Bolt"}')).toBe(false);
    expect(isLossless(number, '5.0', '5')).toBe(false);
    expect(isLossless(text, 'a', 'a')).toBe(false);
  });

  it('proves any JSON object of the declared form lossless against itself written otherwise', () => {
    const object = fc.record({ count: fc.integer(), name: fc.string() });
    fc.assert(
      fc.property(object, (value) => {
        const pretty = `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
        const fixed = formFix(json, pretty);
        if (fixed !== null) expect(JSON.parse(fixed)).toEqual(value);
        if (fixed !== null) expect(hasForm(json, fixed)).toBe(true);
      }),
    );
  });
});

describe('agreedAnswer (M4)', () => {
  it('ranks by how many runs agree against the label', () => {
    const rank = (...runs: string[]) => agreedAnswer(label, runs, 'Cat')?.rank ?? null;
    expect(rank('Dog', 'Dog', 'Dog')).toBe(0);
    expect(rank('Dog', 'Dog', 'bird')).toBe(2);
    expect(rank('Dog', 'Dog', 'Cat')).toBe(3);
    expect(rank('Dog', 'Cat', 'Cat')).toBeNull();
    expect(rank('Cat', 'Cat', 'Cat')).toBeNull();
  });

  it('takes answers that the scorer takes for equal together, and gives the one that has the form', () => {
    expect(agreedAnswer(label, ['It is a dog', 'Dog', 'dog'], 'Cat')).toMatchObject({
      answer: 'Dog',
      agreement: { agree: 3, of: 3, label: 0 },
    });
  });

  it('does not depend on the order of the runs', () => {
    const runs = fc.array(fc.constantFrom('Cat', 'Dog', 'dog'), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(runs, (all) => {
        expect(agreedAnswer(label, all.toReversed(), 'Cat')?.agreement).toEqual(
          agreedAnswer(label, all, 'Cat')?.agreement,
        );
      }),
    );
  });
});
