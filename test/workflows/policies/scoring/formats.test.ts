import fc from 'fast-check';
import { AnswerKind } from '../../../../config/evaluation.js';
import { letterOf } from '../../../../workflows/policies/scoring/choice.js';
import { scoreAnswer } from '../../../../workflows/policies/scoring/score.js';

const kindOf = (kind: unknown) => AnswerKind.parse(kind);
const choice = kindOf({ kind: 'choice', options: ['10', '11', '12', '13'] });
const yesNo = kindOf({ kind: 'yesNo' });
const chinese = kindOf({ kind: 'yesNo', yes: ['是', '是的'], no: ['否', '不是'] });

describe('multiple choice (case 35)', () => {
  it.each(['C. 12', 'C', '(C)', '12.', '12', 'c', 'C)', '(C) 12', ' C: 12 '])('takes %j for 12, option C', (given) => {
    expect(scoreAnswer(choice, '12', given)).toMatchObject({ valid: true, score: 1 });
    expect(scoreAnswer(choice, 'C', given)).toMatchObject({ valid: true, score: 1 });
  });

  it.each(['C. 13', '(C) 13', 'D. 12', 'C. 14'])('calls %j wrong: letter and text are at odds', (given) => {
    expect(scoreAnswer(choice, '12', given)).toMatchObject({ score: 0, repaired: 0, parse: 'ambiguous' });
  });

  it('takes an option in a sentence as a repair, and two of them as no answer', () => {
    expect(scoreAnswer(choice, 'C', 'The answer is C')).toMatchObject({ parse: 'repaired', score: 0, repaired: 1 });
    expect(scoreAnswer(choice, 'C', 'It shows 12 on the dial')).toMatchObject({ parse: 'repaired', repaired: 1 });
    expect(scoreAnswer(choice, 'C', 'It is 12 or 13').parse).toBe('ambiguous');
    expect(scoreAnswer(choice, 'C', 'Option D, which is 12').parse).toBe('ambiguous');
    expect(scoreAnswer(choice, 'C', 'It is not 12').parse).toBe('ambiguous');
    expect(scoreAnswer(choice, 'C', 'E').parse).toBe('invalid');
    expect(scoreAnswer(choice, 'C', 'It shows 120').parse).toBe('invalid');
  });

  it.each(['Ｃ', '（C）', 'C、', 'C。', '[C]'])('takes %j for C', (given) => {
    expect(scoreAnswer(choice, 'C', given)).toMatchObject({ valid: true, score: 1 });
  });

  it.each(['答案是C', '\\boxed{C}', '<answer>C</answer>', 'C\n\nExplanation: A is wrong.'])(
    'repairs %j to C',
    (given) => {
      expect(scoreAnswer(choice, 'C', given)).toMatchObject({ parse: 'repaired', score: 0, repaired: 1 });
    },
  );

  it.each(['A or C', 'A, C', '(A) and (C)', 'The answer is A or C', 'C because A shows 10', 'C\nNo: the answer is A'])(
    'calls %j ambiguous: it names two',
    (given) => {
      expect(scoreAnswer(choice, 'C', given)).toMatchObject({ parse: 'ambiguous', repaired: 0 });
    },
  );

  it('does not take the article for a letter', () => {
    const shapes = kindOf({ kind: 'choice', options: ['square', 'circle'] });
    expect(scoreAnswer(shapes, 'circle', 'A circle')).toMatchObject({ parse: 'repaired', repaired: 1 });
  });

  it('does not guess where a letter is another option’s text', () => {
    const letters = kindOf({ kind: 'choice', options: ['B', 'A', 'X'] });
    expect(scoreAnswer(letters, 'X', 'A')).toMatchObject({ parse: 'ambiguous', score: 0 });
    expect(scoreAnswer(letters, 'X', 'C')).toMatchObject({ score: 1 });
  });
});

describe('yes or no', () => {
  it('takes the bare word, in the declared language', () => {
    expect(scoreAnswer(yesNo, 'yes', 'Yes.')).toMatchObject({ valid: true, score: 1 });
    expect(scoreAnswer(yesNo, 'yes', 'no')).toMatchObject({ valid: true, score: 0 });
    expect(scoreAnswer(chinese, '是', '是的。')).toMatchObject({ valid: true, score: 1 });
    expect(scoreAnswer(chinese, '是', '不是')).toMatchObject({ valid: true, score: 0 });
  });

  it('takes a sentence that begins with it as a repair, and both words as no answer', () => {
    expect(scoreAnswer(yesNo, 'yes', 'Yes, there is one.')).toMatchObject({ parse: 'repaired', repaired: 1 });
    expect(scoreAnswer(yesNo, 'yes', 'No, there is none.')).toMatchObject({ parse: 'repaired', repaired: 0 });
    expect(scoreAnswer(yesNo, 'yes', 'yes, and no').parse).toBe('ambiguous');
    expect(scoreAnswer(yesNo, 'no', 'There is no dent').parse).toBe('invalid');
    expect(scoreAnswer(yesNo, 'no', '').parse).toBe('refused');
  });
});

/** A kind, a gold of it, and the same gold with one thing made wrong. */
interface Planted {
  kind: AnswerKind;
  gold: string;
  wrong: string;
}

const digit = fc.integer({ min: 0, max: 9 });
const words = fc.uniqueArray(fc.stringMatching(/^[b-z]{2,8}$/), { minLength: 3, maxLength: 6 });

const planted: Record<string, fc.Arbitrary<Planted>> = {
  choice: fc
    .record({ options: words, gold: digit, other: digit, form: fc.integer({ min: 0, max: 4 }) })
    .map(({ options, gold, other, form }) => {
      const right = gold % options.length;
      const wrong = (right + 1 + (other % (options.length - 1))) % options.length;
      const [text = '', letter, goldLetter] = [options[wrong], letterOf(wrong), letterOf(right)];
      const forms = [letter, text, `${letter}. ${text}`, `${goldLetter}. ${text}`, `The answer is ${letter}`];
      return { kind: kindOf({ kind: 'choice', options }), gold: goldLetter, wrong: forms[form] ?? letter };
    }),
  yesNo: fc.boolean().map((yes) => ({ kind: yesNo, gold: yes ? 'yes' : 'no', wrong: yes ? 'No.' : 'Yes, it is.' })),
  label: fc.record({ labels: words, gold: digit }).map(({ labels, gold }) => {
    const right = gold % labels.length;
    const wrong = labels[(right + 1) % labels.length] ?? '';
    return { kind: kindOf({ kind: 'label', labels }), gold: labels[right] ?? '', wrong };
  }),
  text: fc.record({ text: fc.stringMatching(/^[b-z]{2,12}$/), at: digit }).map(({ text, at }) => {
    const place = at % text.length;
    const wrong = `${text.slice(0, place)}a${text.slice(place + 1)}`;
    return { kind: kindOf({ kind: 'text' }), gold: text, wrong };
  }),
  number: fc
    .record({ value: fc.integer({ min: 1, max: 99_999 }), unit: fc.constantFrom('', ' mm', ' kg', ' %'), how: digit })
    .map(({ value, unit, how }) => {
      const digits = `${value}`;
      const changed = `${(Number(digits.slice(-1)) + 1 + (how % 9)) % 10}`;
      const forms = [`${digits.slice(0, -1)}${changed}${unit}`, `-${value}${unit}`, `${value}0${unit}`, `${value} bar`];
      const wrong = forms[how % (unit === '' ? 3 : 4)] ?? '';
      return { kind: kindOf({ kind: 'number' }), gold: `${value}${unit}`, wrong };
    }),
  json: fc
    .record({ plate: fc.stringMatching(/^[B-Z]{2} \d{3}$/), digits: fc.integer({ min: 0, max: 99 }), how: digit })
    .map(({ plate, digits, how }) => {
      const kind = kindOf({ kind: 'json', fields: { plate: 'string', digits: 'integer' } });
      const forms = [{ plate, digits: digits + 1 }, { plate: `A${plate.slice(1)}`, digits }, { plate }, { digits }];
      return { kind, gold: JSON.stringify({ plate, digits }), wrong: JSON.stringify(forms[how % forms.length]) };
    }),
  attributes: fc.record({ names: words, at: digit }).map(({ names, at }) => {
    const wrong = names.map((name, index) => (index === at % names.length ? 'axle' : name)).join(' and ');
    return { kind: kindOf({ kind: 'attributes' }), gold: names.join(' and '), wrong };
  }),
};

describe('every scorer fails a planted wrong answer (R7)', () => {
  it.each(Object.entries(planted))('%s', (_name, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ({ kind, gold, wrong }) => {
        const right = scoreAnswer(kind, gold, gold);
        expect(right).toMatchObject({ valid: true, score: 1 });
        const planted = scoreAnswer(kind, gold, wrong);
        expect(planted.score).toBeLessThan(1);
        expect(planted.repaired).toBeLessThan(1);
      }),
      { numRuns: 400, seed: 11 },
    );
  });

  it('is total for choice and yes or no: any two texts get a score from 0 to 1', () => {
    fc.assert(
      fc.property(fc.constantFrom(choice, yesNo, chinese), fc.string(), fc.string(), (kind, expected, given) => {
        const { valid, score, repaired, parse } = scoreAnswer(kind, expected, given);
        expect(score >= 0 && repaired >= score && repaired <= 1).toBe(true);
        expect(valid).toBe(parse === 'ok');
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});
