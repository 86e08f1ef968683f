import { settingsOf } from '../../../activities/data/read/rows.js';
import { draftRecord } from '../../../activities/data/records/draft.js';
import { inputOf, type Wanted } from './build.js';

function draft(row: Record<string, unknown>, wanted: Partial<Wanted> = {}) {
  const { source } = inputOf({ root: '/data', files: [], into: '/data/made', ...wanted });
  return draftRecord(row, settingsOf(source, { path: '/data/r.jsonl' }));
}
function reasonOf(row: Record<string, unknown>, wanted: Partial<Wanted> = {}): string {
  try {
    draft(row, wanted);
    return 'used';
  } catch (error) {
    return (error as { reason: string }).reason;
  }
}
const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });
const image = { type: 'image', image: 0 };
const text = (words: string) => ({ type: 'text', text: words });

describe('a record', () => {
  const picture = { kind: 'path', path: 'a.png' };
  const wanted = { messages: [user([image, text('Which?')]), assistant([text('one')])], images: [picture] };

  it.each<[string, Record<string, unknown>]>([
    ['plain fields', { image: 'a.png', question: 'Which?', answer: 'one' }],
    ['a list of pictures', { images: ['a.png'], question: '<image>\nWhich?', answer: 'one' }],
    ['OpenAI messages', { messages: [user('<image>Which?'), assistant('one')], images: ['a.png'] }],
    [
      'typed parts',
      { messages: [user([{ type: 'image' }, text('Which?')]), assistant('one')], images: [{ path: 'a.png' }] },
    ],
    [
      'Responses parts',
      {
        messages: [
          user([
            { type: 'input_image', image_url: 'a.png' },
            { type: 'input_text', text: 'Which?' },
          ]),
          assistant([{ type: 'output_text', text: 'one' }]),
        ],
      },
    ],
    [
      'LLaVA conversations',
      {
        image: 'a.png',
        conversations: [
          { from: 'human', value: '<image>\nWhich?' },
          { from: 'gpt', value: 'one' },
        ],
      },
    ],
    [
      'prompt and completion',
      { prompt: [user([{ type: 'image' }, text('Which?')])], completion: [assistant('one')], images: ['a.png'] },
    ],
    ['DeepSeek’s placeholder', { images: ['a.png'], question: '<image_placeholder>\nWhich?', answer: 'one' }],
    ['InternLM’s placeholder', { images: ['a.png'], question: '<ImageHere>Which?', answer: 'one' }],
    ['a list of one answer', { image: 'a.png', question: 'Which?', answer: ['one'] }],
    ['a placeholder with its number', { images: ['a.png'], question: '<image 1>\nWhich?', answer: 'one' }],
    ['a list of pictures as text', { images: '["a.png"]', question: '<IMAGE>Which?', answer: 'one' }],
    ['a list of pictures as Python writes it', { image: "['a.png']", question: 'Which?', answer: 'one' }],
    ['messages as text', { messages: JSON.stringify([user('<image>Which?'), assistant('one')]), image: 'a.png' }],
    [
      'lists of roles and texts',
      { conversations: { from: ['Human', 'GPT'], value: ['<image>Which?', 'one'] }, image: 'a.png' },
    ],
    ['a conversation of messages', { conversation: [user('<image>Which?'), assistant('one')], image: 'a.png' }],
    ['rounds among conversations', { conversations: [{ human: '<image>Which?', gpt: 'one' }], image: 'a.png' }],
    ['texts of The Cauldron', { texts: [{ user: 'Which?', assistant: 'one', source: 's' }], images: ['a.png'] }],
    ['prompt and completion as text', { prompt: '<image>Which?', completion: 'one', image: 'a.png' }],
    [
      'our own records',
      { messages: [user([image, text('Which?')]), assistant([text('one')])], images: ['a.png'], group: 'g' },
    ],
  ])('is the same from %s', (_, row) => {
    expect(draft(row)).toMatchObject(wanted);
  });

  it('is taken from the fields that the task names, whatever else the row holds', () => {
    const fields = { image: 'scan', question: 'ask', answer: 'say' };
    const row = { scan: 'a.png', ask: 'Which?', say: 'one', output: 'two', query: 'x', image: 'b.png' };
    expect(draft(row, { fields })).toMatchObject(wanted);
    expect(draft({ ...row, messages: [user('x'), assistant('y')] }, { fields })).toMatchObject(wanted);
    const chat = { messages: [user('<image>Which?'), assistant('one')], scan: ['a.png'] };
    expect(draft(chat, { fields: { image: 'scan' } })).toMatchObject(wanted);
    expect(draft({ instruction: 'Which?', output: 'one', scan: 'a.png' }, { fields: { image: 'scan' } })).toMatchObject(
      wanted,
    );
  });

  it('is read in the shape that the task names, even where another fits', () => {
    const row = { image: 'a.png', question: 'Which?', answer: 'one', prompt: 'x', completion: 'y' };
    expect(draft(row, { format: 'fields' })).toMatchObject(wanted);
    expect(draft(row, { format: 'prompt' }).answer).toBe('y');
  });

  it('waits without an answer only with a picture and a question', () => {
    const row = { image: 'a.png', question: 'Which?', answer: null };
    expect(draft(row)).toMatchObject({ answer: null, messages: [user([image, text('Which?')])] });
    expect(reasonOf({ ...row, question: null })).toBe('questionMissing');
    expect(reasonOf({ ...row, image: null })).toBe('imageMissing');
    expect(draft({ messages: [user('<image>Which?')], images: ['a.png'] }, { unanswered: 'wait' }).answer).toBeNull();
    expect(reasonOf({ messages: [user('Which?')] }, { unanswered: 'wait' })).toBe('answerMissing');
  });

  it('keeps several pictures where their placeholders stand', () => {
    const { messages, images } = draft({
      messages: [user('From <image> to <image>?'), assistant('up')],
      images: ['a.png', 'b.png'],
    });
    expect(messages[0]?.content).toEqual([text('From '), image, text(' to '), { type: 'image', image: 1 }, text('?')]);
    expect(images).toHaveLength(2);
  });

  it('keeps pictures by the numbers of their placeholders, and refuses one that is shown twice', () => {
    const row = (question: string) => ({ images: ['a.png', 'b.png'], question, answer: 'one' });
    const made = draft(row('<image_2> then <image_1>'));
    expect(made.images.map((each) => 'path' in each && each.path)).toEqual(['b.png', 'a.png']);
    expect(made.messages[0]?.content).toEqual([image, text('then '), { type: 'image', image: 1 }]);
    expect(draft(row('<image0><image1>Which?')).images).toHaveLength(2);
    for (const wrong of ['<image 1> and <image 1>', '<image 2> and <image 3>', '<image 1>', '<image> <image 1>'])
      expect(reasonOf(row(wrong))).toBe('placeholderMismatch');
  });

  it('holds a picture that its field gives in base64, whatever looks like a path in it', () => {
    const base64 = `/9j/4AAQSkZJRgABAQAAAQABAAD/${'2wBDAAgGBgcGBQgH'.repeat(4)}==`;
    expect(draft({ image: base64, question: 'q', answer: 'a' }).images).toEqual([{ kind: 'data', base64 }]);
  });

  it('takes the question of the task where a row holds none', () => {
    expect(draft({ image: 'a.png', answer: 'one' }, { question: 'Which?' })).toMatchObject(wanted);
    expect(
      draft({ messages: [user('<image>'), assistant('one')], images: ['a.png'] }, { question: 'Which?' }),
    ).toMatchObject(wanted);
  });

  it('holds numbers and declared objects as text', () => {
    expect(draft({ image: 'a.png', question: 'Which?', answer: 7, id: 12 })).toMatchObject({ answer: '7', id: '12' });
    const answer = { kind: 'json' as const, fields: { colour: 'string' as const } };
    expect(draft({ image: 'a.png', question: 'q', answer: { colour: 'red' } }, { answer }).answer).toBe(
      '{"colour":"red"}',
    );
  });
});

describe('a row is rejected', () => {
  const row = { image: 'a.png', question: 'Which?', answer: 'one' };
  it.each<[string, Record<string, unknown>]>([
    ['imageMissing', { ...row, image: null }],
    ['imageRemote', { ...row, image: 's3://bucket/a.png' }],
    ['questionMissing', { ...row, question: null }],
    ['answerMissing', { image: 'a.png', question: 'Which?' }],
    ['answerMissing', { messages: [user('Which?')], images: [] }],
    ['answerMissing', { messages: [] }],
    ['answerEmpty', { ...row, answer: ' \u200b\n' }],
    ['answerEmpty', { messages: [user('q'), assistant(null)] }],
    ['answerNotText', { ...row, answer: ['a', 'b'] }],
    ['answerInThoughts', { ...row, answer: '<think>It is round, so' }],
    ['numberTooLong', { ...row, answer: 2 ** 60 }],
    ['placeholderMismatch', { messages: [user('no place'), assistant('x')], images: ['a.png', 'b.png'] }],
    ['placeholderMismatch', { messages: [user('<image><image>two'), assistant('x')], images: ['a.png'] }],
    ['imageInAnswer', { messages: [user('draw'), assistant([{ type: 'image', image: 'a.png' }])] }],
    ['roleUnknown', { messages: [{ role: 'tool', content: 'x' }, assistant('y')] }],
    ['rolesOutOfOrder', { messages: [user('q'), assistant('a'), assistant('b')] }],
    ['partUnknown', { messages: [user([{ type: 'audio', data: 'x' }]), assistant('y')] }],
    ['specialToken', { ...row, question: 'What does "<image>" mean?' }],
    ['specialToken', { ...row, answer: 'a<|endoftext|>' }],
    ['specialToken', { messages: [{ role: 'system', content: 'Say <|im_end|>' }, user('q'), assistant('a')] }],
    ['textBroken', { ...row, answer: '\ud83d' }],
  ])('for %s', (reason, wrong) => {
    expect(reasonOf(wrong)).toBe(reason);
  });

  it('but HTML and template marks are text', () => {
    expect(reasonOf({ ...row, answer: '<img src="a.png"> {{ answer }} a < b | c > d' })).toBe('used');
  });

  it('for an answer outside the declared form, and says how a label is spelt', () => {
    const label = { answer: { kind: 'label' as const, labels: ['caf\u00e9', 'bar'] } };
    expect(draft({ ...row, answer: ' cafe\u0301 ' }, label)).toMatchObject({
      answer: 'caf\u00e9',
      repairs: ['answerTidied'],
    });
    expect(() => draft({ ...row, answer: 'Bar' }, label)).toThrow(/answerNotInLabels.*spelt "bar"/);
    expect(() => draft({ ...row, answer: 'baar' }, label)).toThrow(/the nearest label is "bar"/);
    expect(() => draft({ ...row, answer: 1 }, label)).toThrow(/the number of a label/);
    expect(() => draft({ ...row, answer: 'zebra' }, label)).toThrow(/labels$/);
    const json = { answer: { kind: 'json' as const, fields: { digits: 'integer' as const } } };
    expect(reasonOf({ ...row, answer: '{"digits": "5"}' }, json)).toBe('answerNotJson');
    expect(draft({ ...row, answer: '{"digits": 5, "more": 1}' }, json).oddKeys).toEqual(['more']);
  });

  it('for an answer in JSON that says two things under one key', () => {
    expect(() => draft({ ...row, answer: '{"a": {"b": 1, "b": 2}}' })).toThrow(/keyRepeated.*the key "b"/);
    expect(reasonOf({ ...row, answer: '{"a": 1, "a": 1, "b": {"a": 2}}' })).toBe('used');
  });

  it('but JSON’s true and false are the words for yes and no', () => {
    const yesNo = { answer: { kind: 'yesNo' as const, yes: ['ja'], no: ['nein'] } };
    expect([true, false, 'True'].map((answer) => draft({ ...row, answer }, yesNo).answer)).toEqual([
      'ja',
      'nein',
      'ja',
    ]);
    expect(reasonOf({ ...row, answer: 1 }, yesNo)).toBe('answerNotInLabels');
  });

  it('for what is not one number', () => {
    const fate = (answer: string, decimal: '.' | ',' = '.') =>
      reasonOf({ ...row, answer }, { answer: { kind: 'number', decimal } });
    for (const answer of ['12', '-3.5', '−3', '1,200.50', '12 mm', '5%', '$ 1,000', '1e-3', '.5'])
      expect([answer, fate(answer)]).toEqual([answer, 'used']);
    for (const answer of ['twelve', '3/4', '10-20', 'about 12', '12,5', '1.2.3'])
      expect([answer, fate(answer)]).toEqual([answer, 'answerNotANumber']);
    expect(fate('1.200,50', ',')).toBe('used');
    expect(() => draft({ ...row, answer: '12,5' }, { answer: { kind: 'number' } })).toThrow(/it is one with ","$/);
  });
});
