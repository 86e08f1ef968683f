import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { AnswerView } from '../../../../activities/data/convert/answerView.js';
import { type ConvertSettings, convertRecord } from '../../../../activities/data/convert/convert.js';
import { isFalse } from '../../../../activities/data/convert/distractors.js';
import { questionLanguage } from '../../../../activities/data/convert/questionLanguage.js';
import { AnswerKind } from '../../../../config/evaluation.js';
import { TaskRecord } from '../../../../config/records.js';
import { variantTemplates } from '../../../../config/variantTemplates.js';
import { scoreAnswer } from '../../../../workflows/policies/scoring/score.js';
import { recordOf, recordsOf, settingsOf, textOf, viewOf } from './builders.js';

const everyFormat = ['freeForm', 'multipleChoice', 'yesNo', 'json', 'number'].map((format) => ({ format }));
const text = { kind: 'text' };

function convertAll(records: readonly TaskRecord[], settings: ConvertSettings, view = viewOf(records, settings)) {
  return records.map((record) => convertRecord(record, { answers: view }, settings));
}

function optionsOf({ answerKind }: TaskRecord): string[] {
  if (answerKind?.kind !== 'choice') throw new Error('no choice');
  return answerKind.options;
}

const goldOf = (record: TaskRecord) => optionsOf(record)[textOf(record, 'assistant').charCodeAt(0) - 65];

describe('convertRecord (R7)', () => {
  const plates = recordsOf(Array.from({ length: 60 }, (_, index) => `AB ${100 + index * 7}`));

  it('names the parent, keeps its group and pictures, and leaves the record as it is', () => {
    const settings = settingsOf(text, [{ format: 'multipleChoice' }, { format: 'yesNo' }]);
    const before = JSON.stringify(plates);
    const made = convertAll(plates, settings);
    expect(JSON.stringify(plates)).toBe(before);
    expect(made[3]?.variants).toMatchObject([
      { id: 'r3/multipleChoice', from: { record: 'r3', by: 'multipleChoice' }, group: 'group of r3' },
      { id: 'r3/yesNo', from: { record: 'r3', by: 'yesNo' }, images: ['images/r3.png'] },
    ]);
    for (const record of made.flatMap(({ variants }) => variants)) expect(TaskRecord.parse(record)).toEqual(record);
  });

  it('makes none from a variant, and says why where it makes none', () => {
    const settings = settingsOf(text, [
      { format: 'multipleChoice' },
      { format: 'number' },
      { format: 'yesNo', share: 0 },
    ]);
    const lonely = recordsOf(['a house', 'a house']);
    const [converted] = convertAll(lonely, settings);
    expect(converted).toEqual({
      variants: [],
      notMade: [
        { format: 'multipleChoice', why: 'noDistractors' },
        { format: 'number', why: 'noNumber' },
        { format: 'yesNo', why: 'notDrawn' },
      ],
    });
    const variant = recordOf('v', 'AB 123', { from: { record: 'r', by: 'freeForm' } });
    expect(convertAll([variant], settings)[0]).toEqual({ variants: [], notMade: [] });
  });

  it('takes the share that is wished, the same records for the same seed', () => {
    const many = recordsOf(Array.from({ length: 2000 }, (_, index) => `AB ${1000 + index}`));
    const settings = settingsOf(text, [{ format: 'freeForm', share: 0.25 }]);
    const made = convertAll(many, settings).flatMap(({ variants }) => variants);
    expect(made.length).toBeGreaterThan(425);
    expect(made.length).toBeLessThan(575);
    expect(convertAll(many, settings).flatMap(({ variants }) => variants)).toEqual(made);
    const other = convertAll(many, { ...settings, seed: 2 }).flatMap(({ variants }) => variants);
    expect(other.map(({ id }) => id)).not.toEqual(made.map(({ id }) => id));
  });

  it('puts the question in the language of the question, or of the task', () => {
    const settings = settingsOf(text, [{ format: 'freeForm' }]);
    const german = recordOf('g', 'drei', { question: 'Wie viele Teile sind auf dem Bild?' });
    const [asked] = convertAll([german], settings)[0]?.variants ?? [];
    const wordings = variantTemplates.de.freeForm.map((each) => each.replace('{question}', textOf(german, 'user')));
    expect(wordings).toContain(asked && textOf(asked, 'user'));
    const [own] = convertAll([german], { ...settings, language: 'zh' })[0]?.variants ?? [];
    expect(own && textOf(own, 'user')).toMatch(/图/);
    expect(
      ['图中有几个？', '何がありますか。', 'Que voit-on sur la photo ?', '¿Qué hay en la foto?', 'x'].map(
        questionLanguage,
      ),
    ).toEqual(['zh', 'ja', 'fr', 'es', 'en']);
  });

  it('takes own wordings, and leaves braces in a question alone', () => {
    const settings = settingsOf(text, [{ format: 'freeForm', templates: ['<{question}>'] }]);
    const [made] = convertAll([recordOf('a', 'b', { question: 'What of {answer} $&?' })], settings)[0]?.variants ?? [];
    expect(made && textOf(made, 'user')).toBe('<What of {answer} $&?>');
  });

  it('keeps earlier turns, pictures and the order of parts', () => {
    const record: TaskRecord = {
      ...recordOf('a', 'AB 123'),
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'Hello.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Which plate?' },
            { type: 'image', image: 0 },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'AB 123' }] },
      ],
    };
    const [made] = convertAll([record, ...plates], settingsOf(text, [{ format: 'yesNo' }]))[0]?.variants ?? [];
    expect(made?.messages.slice(0, 3)).toEqual(record.messages.slice(0, 3));
    expect(made?.messages[3]?.content.map(({ type }) => type)).toEqual(['text', 'image']);
  });
});

describe('multiple choice', () => {
  const plates = recordsOf(Array.from({ length: 400 }, (_, index) => `AB ${1000 + index * 17}`));
  const made = convertAll(plates, settingsOf(text, [{ format: 'multipleChoice' }])).flatMap(({ variants }) => variants);

  it('places the right option evenly, and all options are of its form and length', () => {
    expect(made).toHaveLength(400);
    const places = [0, 0, 0, 0];
    for (const record of made) {
      const gold = goldOf(record) ?? '';
      places[optionsOf(record).indexOf(gold)] = (places[optionsOf(record).indexOf(gold)] ?? 0) + 1;
      for (const option of optionsOf(record)) expect(option).toMatch(/^AB \d{4}$/);
      expect(new Set(optionsOf(record)).size).toBe(4);
    }
    for (const place of places) expect(place).toBeGreaterThan(70);
  });

  it('never lists 1,500 classes, and sets look-alikes beside each other (case 28)', () => {
    const lines = gunzipSync(readFileSync('test/fixtures/cases/many-classes/train.jsonl.gz')).toString('utf8').trim();
    const answers = lines.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    const parts = recordsOf(answers.map((row) => String(row['answer'] ?? row['label'])));
    const labels = [...new Set(parts.map((record) => textOf(record, 'assistant')))];
    const settings = settingsOf({ kind: 'label', labels }, [{ format: 'multipleChoice' }]);
    const converted = convertAll(parts, settings).flatMap(({ variants }) => variants);
    expect(converted.length).toBeGreaterThan(1000);
    for (const record of converted) expect(optionsOf(record)).toHaveLength(4);
    const alike = (label: string) => label.replace(/O/g, '0').replace(/I/g, '1');
    const skeletons = labels.map(alike);
    const twins = labels.filter((label) => skeletons.indexOf(alike(label)) !== skeletons.lastIndexOf(alike(label)));
    expect(twins.length).toBeGreaterThan(10);
    const withTwins = converted.filter((record) => twins.includes(goldOf(record) ?? ''));
    expect(withTwins.length).toBeGreaterThanOrEqual(twins.length);
    for (const record of withTwins) {
      const options = optionsOf(record);
      const gold = goldOf(record) ?? '';
      expect(options.filter((option) => alike(option) === alike(gold))).toHaveLength(2);
      expect(new Set(options.map(alike)).size).toBe(2);
    }
  });

  it('takes the model’s wrong answers and answers of near pictures first, but none that is right', () => {
    const settings = settingsOf(text, [{ format: 'multipleChoice' }]);
    const [record] = plates;
    const sources = {
      answers: viewOf(plates, settings),
      wrongOf: () => ['ab 1000', 'AB 1001', 'XY 7'],
      near: () => ['AB 1000', 'AB 9999'],
    };
    const [variant] = record ? convertRecord(record, sources, settings).variants : [];
    expect(variant && [...optionsOf(variant)].sort()).toEqual(['AB 1000', 'AB 1001', 'AB 9999', 'XY 7']);
  });

  it('thins an answer that is common, or its being common would tell it (case 24)', () => {
    const labels = ['ok', 'scratch', 'dent', 'crack'];
    const answers = [...Array(576).fill('ok'), ...Array(20).fill('scratch'), ...Array(3).fill('dent'), 'crack'];
    const settings = settingsOf({ kind: 'label', labels }, [{ format: 'multipleChoice' }]);
    const golds = convertAll(recordsOf(answers), settings)
      .flatMap(({ variants }) => variants)
      .map(goldOf);
    expect(golds.filter((gold) => gold === 'ok').length).toBeLessThan(50);
    expect(golds.filter((gold) => gold === 'scratch')).toHaveLength(20);
    expect(golds).toContain('crack');
  });

  it('offers the labels there are where they are fewer than the options asked for', () => {
    const settings = settingsOf({ kind: 'label', labels: ['cat', 'dog'] }, [{ format: 'multipleChoice' }]);
    const [record] = convertAll(recordsOf(['cat', 'dog']), settings)[0]?.variants ?? [];
    expect(record && [...optionsOf(record)].sort()).toEqual(['cat', 'dog']);
  });
});

describe('yes or no', () => {
  it('is balanced, asks about something false for no, and about the answer for yes', () => {
    const records = recordsOf(Array.from({ length: 600 }, (_, index) => `${10 + (index % 90)} mm`));
    const settings = settingsOf({ kind: 'number' }, [{ format: 'yesNo', templates: ['{question}|{answer}'] }]);
    const made = convertAll(records, settings);
    const yes = made.filter(({ variants }) => variants[0] && textOf(variants[0], 'assistant') === 'yes');
    expect(yes.length).toBeGreaterThan(250);
    expect(yes.length).toBeLessThan(350);
    for (const [index, { variants }] of made.entries()) {
      const [variant] = variants;
      const gold = `${10 + (index % 90)} mm`;
      const asked = variant && (textOf(variant, 'user').split('|')[1] ?? '');
      if (!variant || asked === undefined) throw new Error('no variant');
      expect(asked).toMatch(/^\d+ mm$/);
      expect(textOf(variant, 'assistant')).toBe(asked === gold ? 'yes' : 'no');
    }
  });
});

describe('JSON and numbers', () => {
  const variantOf = (answer: unknown, gold: string, wish: Record<string, unknown>) => {
    const settings = settingsOf(answer, [wish]);
    const { variants, notMade } = convertAll([recordOf('a', gold)], settings)[0] ?? { variants: [], notMade: [] };
    const [variant] = variants;
    return variant ? { answer: textOf(variant, 'assistant'), kind: variant.answerKind } : notMade[0]?.why;
  };
  const plate = { kind: 'json', fields: { plate: 'string', digits: 'integer' } };

  it('writes bare JSON in the key order of the schema', () => {
    expect(variantOf(plate, '{ "digits": 3, "plate": "AB 123" }', { format: 'json' })).toMatchObject({
      answer: '{"plate":"AB 123","digits":3}',
    });
    expect(variantOf(plate, '{"plate":"AB 123","digits":3}', { format: 'json' })).toBe('sameAsParent');
    expect(variantOf(text, 'a red "house"', { format: 'json', key: 'seen' })).toEqual({
      answer: '{"seen":"a red \\"house\\""}',
      kind: { kind: 'json', fields: { seen: 'string' } },
    });
    expect(variantOf({ kind: 'number', decimal: ',' }, '12,5 mm', { format: 'json' })).toEqual({
      answer: '{"answer":12.5,"unit":"mm"}',
      kind: { kind: 'json', fields: { answer: 'number', unit: 'string' } },
    });
  });

  it('keeps or strips the unit by rule, and asks in that unit', () => {
    const strict = { kind: 'number', absoluteTolerance: 0.5, decimal: ',' };
    expect(variantOf(strict, '1.250,5 mm', { format: 'number' })).toMatchObject({
      answer: '1.250,5',
      kind: { absoluteTolerance: 0.5, decimal: ',' },
    });
    expect(variantOf(strict, '12,5 mm', { format: 'number', unit: 'keep' })).toMatchObject({ answer: '12,5 mm' });
    expect(variantOf(text, '€ 12', { format: 'number' })).toMatchObject({ answer: '12' });
    expect(variantOf(strict, '12,5', { format: 'number' })).toBe('sameAsParent');
    for (const gold of ['10-20', 'AB 123', 'about 12', 'twelve cats'])
      expect(variantOf(text, gold, { format: 'number' })).toBe('noNumber');
  });

  it('asks for one field of a JSON answer', () => {
    const records = Array.from({ length: 40 }, (_, index) =>
      recordOf(`r${index}`, JSON.stringify({ plate: `AB ${100 + index}`, digits: 3 + (index % 4) })),
    );
    const settings = settingsOf(plate, [{ format: 'multipleChoice' }, { format: 'number' }]);
    const made = convertAll(records, settings).flatMap(({ variants }) => variants);
    const choices = made.filter(({ answerKind }) => answerKind?.kind === 'choice');
    expect(choices.length).toBeGreaterThan(20);
    for (const record of choices) {
      const field = /"(plate|digits)"/.exec(textOf(record, 'user'))?.[1];
      const form = field === 'plate' ? /^AB \d{3}$/ : /^\d+$/;
      for (const option of optionsOf(record)) expect(option).toMatch(form);
    }
  });
});

describe('every variant', () => {
  const answers = fc.oneof(
    fc.stringMatching(/^[A-Z]{2} \d{3}$/),
    fc.integer({ min: 0, max: 100_000 }).map(String),
    fc.double({ min: 0.1, max: 999, noNaN: true }).map((value) => `${value.toFixed(2)} kg`),
    fc.constantFrom('red', 'dark red', 'blue', 'two words', 'AB', 'A', '12', '12.0', 'twelve', '5 %', '0.05', '-3'),
    fc.string({ minLength: 1, maxLength: 20 }).filter((given) => given.trim() === given && given !== ''),
  );

  it('scores its own answer in full, and every wrong option at nothing', () => {
    fc.assert(
      fc.property(fc.array(answers, { minLength: 1, maxLength: 30 }), fc.nat(), (given, seed) => {
        const settings = settingsOf(text, everyFormat, { seed });
        for (const { variants } of convertAll(recordsOf(given), settings))
          for (const variant of variants) {
            const kind = variant.answerKind ?? settings.answer;
            const gold = textOf(variant, 'assistant');
            if (variant.from?.by !== 'freeForm') expect(scoreAnswer(kind, gold, gold)).toMatchObject({ score: 1 });
            if (kind.kind !== 'choice') continue;
            for (const option of kind.options)
              if (option !== goldOf(variant)) expect(scoreAnswer(kind, gold, option).repaired).toBe(0);
          }
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  it('is the same whatever the order in which the view saw the records', () => {
    const records = recordsOf(Array.from({ length: 3000 }, (_, index) => `item ${(index * 7919) % 2711}`));
    const settings = settingsOf(text, everyFormat);
    const small = { pools: 8, answers: 50 };
    const convertWith = (order: readonly TaskRecord[]) => {
      const view = new AnswerView(settings.answer, small);
      for (const record of order) view.add(record);
      return convertAll(records.slice(0, 50), settings, view);
    };
    const one = convertWith(records);
    expect(convertWith([...records].reverse())).toEqual(one);
    expect(convertWith(records.toSorted((a, b) => (a.id < b.id ? -1 : 1)))).toEqual(one);
  });

  it('offers nothing that might be right', () => {
    const kind = AnswerKind.parse(text);
    for (const [candidate, answer] of [
      ['12.0', '12'],
      ['1.2 cm', '12 mm'],
      ['dark red', 'red'],
      ['about 12', '12'],
      ['Red', 'red'],
    ])
      expect({ candidate, false: isFalse(candidate ?? '', answer ?? '', kind) }).toEqual({ candidate, false: false });
    expect(isFalse('13 mm', '12 mm', kind)).toBe(true);
  });
});
