/** What a row holds beside what its shape knows: taken and asked about, or refused, never left away in silence. */
import { jest } from '@jest/globals';
import { fates, removeFreshFolders } from './build.js';
import { fileOf, lines } from './rowFiles.js';

jest.setTimeout(240_000);
afterAll(removeFreshFolders);

const chat = (asked: string) => [
  { role: 'user', content: asked },
  { role: 'assistant', content: 'red' },
];

describe('pictures under a name that no shape knows', () => {
  it.each<[string, (picture: string, at: number) => object]>([
    ['messages', (image_path, at) => ({ messages: chat(`Which ${at}?`), image_path })],
    ['query', (file, at) => ({ query: `Which ${at}?`, response: 'red', file })],
    ['alpaca', (img, at) => ({ instruction: `Which ${at}?`, input: '', output: 'red', img })],
    ['fields', (file_name, at) => ({ question: `Which ${at}?`, answer: 'red', file_name: [file_name] })],
  ])('are taken and asked about in rows of %s', async (_, rowOf) => {
    const made = await fileOf('r.jsonl', lines(['0.png', '1.png'].map(rowOf)));
    expect(made.manifest.counts).toMatchObject({ read: 2, used: 2, images: 2 });
    expect(made.ref.questions.join()).toMatch(
      /has nothing under "image": its pictures are taken from "(image_path|file|img|file_name)"/,
    );
    expect(made.shown(2)).toMatch(/^<image> Which 1\? red$/);
  });

  it('are left where some rows show a picture by its usual name, or two columns hold pictures', async () => {
    const some = [
      { image: '0.png', thumb: '1.png', messages: chat('a') },
      { thumb: '2.png', messages: chat('b') },
    ];
    expect((await fileOf('r.jsonl', lines(some))).ref.notes.join()).toContain('1 sound row without a picture.');
    const two = [{ before: '0.png', after: '1.png', messages: chat('a') }];
    const made = await fileOf('r.jsonl', lines(two));
    expect(made.ref.questions.join()).not.toContain('taken from');
    expect(made.ref.notes.join()).toContain('1 sound row without a picture.');
  });

  it('stand in columns with capitals too', async () => {
    const made = await fileOf('r.csv', 'Image,Question,Answer\n0.png,Which?,red\n');
    expect(made.shown(2)).toBe('<image> Which? red');
    expect(made.ref.questions.join()).toContain('its answers from "Answer" and its questions from "Question"');
  });
});

it.each(['![scan](scans/1.png) Which?', '<img src="scans/1.png"> Which?'])(
  'pictures that a question names in its text are asked about: %s',
  async (question) => {
    const asked = async (row: object) => (await fileOf('r.jsonl', lines([row]))).ref.questions.join();
    expect(await asked({ messages: chat(question) })).toContain('questions name some, such as "scans/1.png"');
    expect(await asked({ image: '0.png', messages: chat(question) })).not.toContain('questions name');
  },
);

describe('one object that fills a file', () => {
  const row = (at: number) => ({ image: `${at}.png`, question: `Which ${at}?`, answer: 'red' });

  it('may hold the records in a list under a key', async () => {
    const made = await fileOf('r.json', JSON.stringify({ version: 1, data: [row(0), row(1)] }, null, 1));
    expect(made.manifest.counts).toMatchObject({ read: 2, used: 2 });
    expect(made.manifest.sources[0]?.format).toBe('json, under "data": fields');
  });

  it('is one of several rows where another stands behind it', async () => {
    const rows = [
      { ...row(0), items: [row(2)] },
      { ...row(1), items: [row(3)] },
    ];
    expect((await fileOf('r.jsonl', lines(rows))).manifest.counts).toMatchObject({ read: 2, used: 2 });
  });

  it.each<[string, object, RegExp]>([
    ['lists', { image: ['0.png', '1.png'], question: ['q', 'q'], answer: ['a', 'b'] }, /3 columns, with 2 values/],
    ['numbered values', { image: { 0: '0.png', 1: '1.png' }, answer: { 0: 'a', 1: 'b' } }, /2 columns, with 2 values/],
    ['rows by their names', { a: row(0), b: row(1) }, /2 records under their names/],
  ])('is refused by what it is: %s', async (_, table, what) => {
    await expect(fileOf('r.json', JSON.stringify(table))).rejects.toMatchObject({
      problem: { what: expect.stringMatching(what), todo: expect.stringMatching(/^Write/) },
    });
  });
});

it('a table without a header is refused by the picture that its first line names', async () => {
  await expect(fileOf('r.csv', '0.png,Which?,red\n1.png,Which?,green\n')).rejects.toMatchObject({
    problem: { what: expect.stringContaining('no header'), todo: expect.stringContaining('image,question,answer') },
  });
});

it('a video or sound beside a chat refuses its row', async () => {
  const rows = [
    { id: 'v', messages: chat('What happens?'), videos: ['a.mp4'] },
    { id: 's', messages: chat('Who speaks?'), audios: ['a.wav'] },
    { id: 'none', image: '0.png', messages: chat('Which?'), videos: [], audios: null },
  ];
  const made = await fileOf('r.jsonl', lines(rows));
  expect(fates(made)).toEqual({ v: 'videoNotRead', s: 'partUnknown', none: 'used' });
});

it.each<[string, object]>([
  ['a list', { options: ['red', 'blue'] }],
  ['an object', { choices: { A: 'red', B: 'blue' } }],
  ['columns', { A: 'red', B: 'blue', C: null }],
])('options in %s that the question does not show are asked about', async (_, options) => {
  const asked = async (question: string) =>
    (await fileOf('r.jsonl', lines([{ image: '0.png', question, answer: 'A', ...options }]))).ref.questions.join();
  expect(await asked('Which?')).toContain('options beside its questions, which do not show them: "red", "blue".');
  expect(await asked('Which? A. red B. blue')).not.toContain('options');
});

describe('an answer that names one of the options beside it', () => {
  const options = ['red', 'green', 'blue'];

  async function namedIn(rows: object[], wanted: Parameters<typeof fileOf>[2] = {}) {
    const pictured = rows.map((row, at) => ({ id: `${at}`, image: '0.png', question: `Which ${at}?`, ...row }));
    const { records, ledger, manifest } = await fileOf('r.jsonl', lines(pictured), wanted);
    const answerOf = (id: string) => records.find((each) => each.id === id)?.messages.at(-1)?.content[0];
    const named = ledger.map(({ id, line, reason }) => reason ?? (answerOf(id ?? `${line}`) as { text: string }).text);
    return { named, repairs: manifest.counts.repairs };
  }

  it('by its letter becomes the option, and is refused where no option or another one is meant', async () => {
    const answers = ['B', '(c)', 'A. red', 'blue', 'Bright red', 'D', 'B. red'];
    expect(await namedIn(answers.map((answer) => ({ options, answer })))).toEqual({
      named: ['green', 'blue', 'red', 'blue', 'Bright red', 'optionUnknown', 'optionUnknown'],
      repairs: { optionNamed: 3 },
    });
  });

  it.each<[string, object]>([
    ['an object', { choices: { A: 'red', B: 'green' } }],
    ['the text of a list', { options: "['red', 'green']" }],
    ['ARC’s two lists', { choices: { text: ['red', 'green'], label: ['A', 'B'] } }],
    ['columns', { A: 'red', B: 'green' }],
  ])('is found in options in %s', async (_, given) => {
    expect((await namedIn([{ ...given, answer: 'B' }])).named).toEqual(['green']);
  });

  it.each<[string, (number | string)[], string[]]>([
    ['from 0 where one is 0', [0, '1', 2, 7], ['red', 'green', 'blue', 'optionUnknown']],
    ['from 1 where one is as high as there are options', [1, 2, 3], ['red', 'green', 'blue']],
    ['in no way where nothing tells', [1, 2, 'C'], ['optionAmbiguous', 'optionAmbiguous', 'blue']],
    ['in no way where both are there', [0, 3, 'A'], ['optionAmbiguous', 'optionAmbiguous', 'red']],
  ])('is counted %s', async (_, answers, named) => {
    expect((await namedIn(answers.map((answer) => ({ options, answer })))).named).toEqual(named);
  });

  it('is a number itself where the options are numbers', async () => {
    const counts = ['1', '2', '3'];
    expect((await namedIn([1, 3].map((answer) => ({ options: counts, answer })))).named).toEqual(['1', '3']);
    const mixed = [
      { options, answer: 0 },
      { options: counts, answer: 1 },
    ];
    expect((await namedIn(mixed)).named).toEqual(['red', 'optionAmbiguous']);
  });

  it('stays a letter where the question shows the options, or letters are the labels', async () => {
    const question = 'Which? A. red B. green C. blue';
    expect((await namedIn([{ options, question, answer: 'B' }])).named).toEqual(['B']);
    const answer = { kind: 'label' as const, labels: ['A', 'B'] };
    expect((await namedIn([{ options, answer: 'B' }], { answer })).named).toEqual(['B']);
  });

  it('is of its own row’s order, whatever the order of the task', async () => {
    const answer = { kind: 'choice' as const, options: ['red', 'green'] };
    const rows = [
      { options: ['green', 'red'], answer: 'A' },
      { options: ['red', 'green'], answer: 'A' },
    ];
    expect((await namedIn(rows, { answer })).named).toEqual(['green', 'red']);
  });
});

it('a group that no row has is asked about, since the split would not heed it', async () => {
  const rows = [{ image: '0.png', question: 'q', answer: 'a', page: 1 }];
  const asked = async (group: string) => (await fileOf('r.jsonl', lines(rows), { fields: { group } })).ref.questions;
  expect((await asked('document')).join()).toMatch(/has "document", which fields.group names/);
  expect((await asked('page')).join()).not.toContain('fields.group');
});

describe('answers that a person would not tell apart, or take for none', () => {
  const rowsOf = (answers: string[]) =>
    lines(
      answers.flatMap((answer, at) =>
        [0, 1, 2].map((image) => ({ image: `${image}.png`, question: `q${at}`, answer })),
      ),
    );

  it('are noted by their spellings', async () => {
    const answers = [
      'ok',
      'OK',
      'ok.',
      'o\u200bk',
      'ｏｋ',
      'no dent',
      'no-dent',
      'C+',
      'C',
      'C-',
      '-5',
      '5',
      '红色',
      '绿色',
    ];
    const { notes } = (await fileOf('r.jsonl', rowsOf(answers))).manifest;
    expect(notes.find((note) => note.includes('differ only by case'))).toBe(
      '2 groups of answers that differ only by case, spaces, dashes, a full stop or what is not seen: "ok" and "OK" and "ok." and "o\u200bk" and "ｏｋ", "no dent" and "no-dent".',
    );
  });

  it('are noted where an export wrote them for empty cells, or a declared label has none', async () => {
    const text = await fileOf('r.jsonl', rowsOf(['NULL', 'nan', 'N/A', 'red']));
    expect(text.manifest.notes.join()).toContain(
      '9 rows with an answer that reads as if there were none: "NULL", "nan", "N/A".',
    );
    const answer = { kind: 'label', labels: ['None', 'red', 'blue'] } as const;
    const label = await fileOf('r.jsonl', rowsOf(['None', 'red']), {
      answer: { ...answer, labels: [...answer.labels] },
    });
    expect(label.manifest.notes.join()).toContain('1 of 3 labels in no row, which cannot be learnt: "blue".');
    expect(label.manifest.notes.join()).not.toContain('as if there were none');
  });

  it('are refused where they hold no number, or what a wrong encoding left', async () => {
    const rows =
      '{"id":"large","image":"0.png","question":"q","answer":1e999}\n{"id":"lost","image":"0.png","question":"q","answer":"caf\ufffd"}\n{"id":"sound","image":"0.png","question":"q","answer":"café"}\n';
    expect(fates(await fileOf('r.jsonl', rows))).toEqual({
      large: 'numberNotFinite',
      lost: 'textBroken',
      sound: 'used',
    });
  });
});
