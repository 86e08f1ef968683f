import fc from 'fast-check';
import { AnswerKind } from '../../../../config/evaluation.js';
import { scoreNumber } from '../../../../workflows/policies/scoring/number.js';
import { scoreAnswer } from '../../../../workflows/policies/scoring/score.js';
import { caseRows } from '../builders.js';

const kindOf = (kind: unknown) => AnswerKind.parse(kind);
const label = kindOf({ kind: 'label', labels: ['ok', 'scratch', 'dent', 'not sure'] });
const text = kindOf({ kind: 'text' });
const number = kindOf({ kind: 'number' });
const plate = kindOf({ kind: 'json', fields: { plate: 'string', digits: 'integer' } });
const attributes = kindOf({ kind: 'attributes' });
const gold = '{"plate":"AB 123","digits":3}';

describe('scoreNumber (case 23)', () => {
  const asked = { absoluteTolerance: 0, relativeTolerance: 0, decimal: '.' as const };
  const rows = caseRows<{ id: string; gold: string; predicted: string; same: boolean | null }>(
    '23-numbers-with-units/predictions.jsonl',
  );

  it.each(rows)('agrees on $id: "$gold" against "$predicted" is $same', ({ gold, predicted, same }) => {
    const verdict = same === null ? 'undecided' : same ? 'same' : 'different';
    expect(scoreNumber(gold, predicted, asked).verdict).toBe(verdict);
  });

  it('reports exact equality beside the numeric verdict', () => {
    expect(scoreNumber('12', '12.0', asked)).toMatchObject({ verdict: 'same', exact: false });
    expect(scoreNumber('12', ' 12 ', asked)).toMatchObject({ verdict: 'same', exact: true });
  });

  it('keeps to the declared decimal sign', () => {
    expect(scoreNumber('12,5', '12.5', { ...asked, decimal: ',' }).verdict).toBe('undecided');
    expect(scoreNumber('1.200,50', '1200,5', { ...asked, decimal: ',' }).verdict).toBe('same');
  });

  it('measures tolerance in the unit of the gold', () => {
    expect(scoreNumber('100 mm', '10.1 cm', { ...asked, absoluteTolerance: 1 }).verdict).toBe('same');
    expect(scoreNumber('100 mm', '10.2 cm', { ...asked, absoluteTolerance: 1 }).verdict).toBe('different');
    expect(scoreNumber('200', '202', { ...asked, relativeTolerance: 0.01 }).verdict).toBe('same');
    expect(scoreNumber('20 °C', '68 °F', asked).verdict).toBe('same');
    expect(scoreNumber('0', '0.1', { ...asked, relativeTolerance: 0.5 }).verdict).toBe('different');
  });

  it('leaves a missing or unknown unit to a person', () => {
    expect(scoreNumber('12 mm', '12', asked).verdict).toBe('undecided');
    expect(scoreNumber('12 mm', '12 foo', asked).verdict).toBe('undecided');
    expect(scoreNumber('12 mm', '12 kg', asked).verdict).toBe('different');
  });
});

describe('scoreAnswer', () => {
  const noisy = caseRows<{ id: string; output: string; parse: string }>('26-json-answers-with-noise/answers.jsonl');

  it.each(noisy)('reads $id of case 26 as $parse', ({ output, parse }) => {
    const scored = scoreAnswer(plate, gold, output);
    expect(scored.parse).toBe(parse);
    const right = parse === 'ok' || parse === 'repaired' ? 1 : 0;
    expect(scored).toMatchObject({ score: parse === 'ok' ? 1 : 0, repaired: right, valid: parse === 'ok' });
  });

  it('scores JSON by field, and calls a missing field invalid', () => {
    expect(scoreAnswer(plate, gold, '{"plate":"AB 123","digits":4}')).toMatchObject({ valid: true, score: 0.5 });
    expect(scoreAnswer(plate, gold, '{"plate":"AB 123"}')).toMatchObject({ parse: 'invalid', score: 0, repaired: 0.5 });
    expect(scoreAnswer(plate, '{"plate":"X"}', '{"plate":"X"}')).toMatchObject({ parse: 'ok', score: 1 });
    expect(scoreAnswer(plate, '{"plate":"X"}', '{"plate":"X","digits":9}')).toMatchObject({ parse: 'ok', score: 0.5 });
    expect(scoreAnswer(plate, gold, '[1]')).toMatchObject({ parse: 'invalid', score: 0 });
  });

  it('is not confused by apostrophes around an object, nor by braces in strings', () => {
    expect(scoreAnswer(plate, gold, `It's ${gold}, isn't it`).parse).toBe('repaired');
    expect(scoreAnswer(plate, '{"plate":"}{","digits":3}', 'Here: {"plate":"}{","digits":3}')).toMatchObject({
      repaired: 1,
    });
  });

  it('takes case and spaces of a label as covered, a full stop or a sentence as a repair', () => {
    expect(scoreAnswer(label, 'ok', ' OK ')).toMatchObject({ parse: 'ok', score: 1 });
    expect(scoreAnswer(label, 'ok', 'ok.')).toMatchObject({ parse: 'repaired', score: 0, repaired: 1 });
    expect(scoreAnswer(label, 'ok', 'The answer is: **ok**')).toMatchObject({ parse: 'repaired', repaired: 1 });
    expect(scoreAnswer(label, 'dent', 'I see a dent here')).toMatchObject({ parse: 'repaired', repaired: 1 });
    expect(scoreAnswer(label, 'dent', 'scratch')).toMatchObject({ parse: 'ok', score: 0 });
  });

  it('does not guess among labels, and not past a denial', () => {
    expect(scoreAnswer(label, 'dent', 'dent or scratch').parse).toBe('ambiguous');
    expect(scoreAnswer(label, 'ok', 'this is not ok').parse).toBe('ambiguous');
    expect(scoreAnswer(label, 'ok', 'a red square').parse).toBe('invalid');
    expect(scoreAnswer(label, 'not sure', 'I am not sure')).toMatchObject({ repaired: 1 });
  });

  it('compares text by the declared normaliser', () => {
    expect(scoreAnswer(text, 'Main  Street', 'main street')).toMatchObject({ score: 1, parse: 'ok' });
    expect(scoreAnswer(kindOf({ kind: 'text', ignoreCase: false }), 'A', 'a').score).toBe(0);
    expect(scoreAnswer(text, 'Stop.', 'Stop.').score).toBe(1);
    expect(scoreAnswer(text, 'stop', 'stop.')).toMatchObject({ score: 0, repaired: 1, parse: 'repaired' });
  });

  it('calls hedged and several numbers ambiguous, one in a sentence repaired', () => {
    expect(scoreAnswer(number, '12', 'about 12').parse).toBe('ambiguous');
    expect(scoreAnswer(number, '12', 'The gauge shows 12 bar, not 13.').parse).toBe('ambiguous');
    expect(scoreAnswer(number, '12 bar', 'The gauge shows 12 bar.')).toMatchObject({ parse: 'repaired', repaired: 1 });
    expect(scoreAnswer(number, '12', 'twelve')).toMatchObject({ parse: 'ok', score: 1 });
    expect(scoreAnswer(number, '12', 'no idea').parse).toBe('invalid');
  });

  it('leaves multiples to a person, and reads a minus in words', () => {
    for (const given of ['1.2k', '1.2 million', '1.2 万'])
      expect(scoreAnswer(number, '1.2', given).parse).toBe('ambiguous');
    expect(scoreAnswer(number, '1.2k', '1.2 K').score).toBe(0);
    expect(scoreAnswer(number, '1.2k', '1.2k').score).toBe(1);
    expect(scoreAnswer(number, '-3', 'minus 3').score).toBe(1);
    expect(scoreAnswer(number, '3', 'It is minus 3')).toMatchObject({ score: 0, repaired: 0 });
    for (const gold of ['3', '-3']) expect(scoreAnswer(number, gold, '- 3').parse).toBe('ambiguous');
    expect(scoreAnswer(number, '5%', '5 percent').score).toBe(1);
  });

  it('reads what stands behind thoughts, opened by the template or not, and none where they never end', () => {
    const golds: [AnswerKind, string][] = [
      [label, 'dent'],
      [text, 'dent'],
      [number, '12'],
      [plate, gold],
    ];
    for (const [kind, right] of golds) {
      for (const thought of [
        '<think>scratch 13 {"plate":"X","digits":1}</think>',
        'scratch 13</think>\n\n',
        '<thinking>13</thinking>',
      ])
        expect(scoreAnswer(kind, right, thought + right)).toMatchObject({ parse: 'repaired', repaired: 1 });
      expect(scoreAnswer(kind, right, `<think>Perhaps ${right}`)).toMatchObject({ parse: 'cut', repaired: 0 });
    }
    expect(scoreAnswer(text, '<think>a', '<think>a').score).toBe(1);
  });

  it.each([
    '<answer>dent</answer>',
    'It is bent, so \\boxed{dent}.',
    '“dent”',
    'dent<|im_end|>',
    '\u200fdent\u200e',
    'de\u00adnt',
  ])('takes %j for dent, repaired', (given) => {
    for (const kind of [label, text])
      expect(scoreAnswer(kind, 'dent', given)).toMatchObject({ parse: 'repaired', score: 0, repaired: 1 });
  });

  it('reads JSON that was encoded twice', () => {
    expect(scoreAnswer(plate, gold, JSON.stringify(gold))).toMatchObject({ parse: 'repaired', repaired: 1 });
  });

  it('scores a caption by attribute words at their place', () => {
    const wanted = 'a red circle and a blue square';
    expect(scoreAnswer(attributes, wanted, 'A red circle and a blue square').score).toBe(1);
    expect(scoreAnswer(attributes, wanted, 'a red circle and a green square').score).toBe(0.75);
    expect(scoreAnswer(attributes, wanted, 'a blue square and a red circle').score).toBe(0);
    expect(scoreAnswer(attributes, wanted, 'a red circle').score).toBe(0.5);
    expect(scoreAnswer(attributes, 'a red circle', wanted).score).toBe(0.5);
    expect(scoreAnswer(attributes, wanted, `${wanted}.`)).toMatchObject({ parse: 'repaired', score: 0, repaired: 1 });
    expect(scoreAnswer(attributes, 'two', 'two').score).toBe(1);
  });

  it('calls silence and declining refused in every kind', () => {
    for (const kind of [label, text, number, plate, attributes]) {
      expect(scoreAnswer(kind, 'ok', null).parse).toBe('refused');
      expect(scoreAnswer(kind, 'ok', '  ').parse).toBe('refused');
      expect(scoreAnswer(kind, 'ok', "I'm sorry, I can't help with that.").parse).toBe('refused');
    }
  });

  it('is total: any two texts get a score from 0 to 1, and valid answers need no repair', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string({ unit: fc.constantFrom('1', '2', '.', ',', ' ', '-', '/', 'm', '%', '{', '}', '"', "'", ':', 'e') }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(label, text, number, plate, attributes),
        anything,
        anything,
        (kind, expected, given) => {
          const { valid, score, repaired, parse } = scoreAnswer(kind, expected, given);
          expect(score >= 0 && score <= 1 && repaired >= score && repaired <= 1).toBe(true);
          expect(valid).toBe(parse === 'ok');
          if (!valid) expect(score).toBe(0);
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });

  it('gives a repeated gold full marks', () => {
    const captions = fc
      .array(fc.constantFrom('a red circle', 'a blue star'), { minLength: 1 })
      .map((all) => all.join(' and '));
    fc.assert(fc.property(captions, (caption) => expect(scoreAnswer(attributes, caption, caption).score).toBe(1)));
    fc.assert(fc.property(fc.integer(), (value) => expect(scoreAnswer(number, `${value}`, `${value}`).score).toBe(1)));
  });
});
