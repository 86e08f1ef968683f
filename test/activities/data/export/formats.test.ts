import { describe, expect, it } from '@jest/globals';
import { type ExportFormat, exportFormats, renderers } from '../../../../activities/data/export/formats.js';
import { datasetInfo } from '../../../../activities/data/export/llamaFactory.js';
import { noPair, pictureMissing, placeholderInText } from '../../../../activities/data/export/refusals.js';
import type { Message, TaskRecord } from '../../../../config/records.js';

const said = (role: Message['role'], ...content: Message['content']): Message => ({ role, content });
const text = (words: string) => ({ type: 'text' as const, text: words });
const image = (index: number) => ({ type: 'image' as const, image: index });

function record(changes: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id: 'm-1',
    messages: [
      said('system', text('Read meters.')),
      said('user', image(0), text('Value?')),
      said('assistant', text('42.7')),
      said('user', text('And '), image(1), text(' here?')),
      said('assistant', text('40')),
    ],
    images: ['images/a.png', 'images/b.png'],
    group: 'meter 7',
    ...changes,
  };
}

const pictures = ['p/a.png', 'p/b.png'];
const origin = { id: 'm-1', group: 'meter 7', kind: '' };
const answerOf = (to: ExportFormat, of = record()) => renderers[to].answer?.(of, pictures);
const pairOf = (to: ExportFormat, of = record({ rejected: 'about 40' })) => renderers[to].preference?.(of, pictures);

describe('rows of a record with two pictures and two turns', () => {
  it('of TRL are prompt and completion of typed parts, with images', () => {
    expect(answerOf('trl')).toEqual({
      prompt: [
        { role: 'system', content: [{ type: 'text', text: 'Read meters.' }] },
        { role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'Value?' }] },
        { role: 'assistant', content: [{ type: 'text', text: '42.7' }] },
        {
          role: 'user',
          content: [{ type: 'text', text: 'And ' }, { type: 'image' }, { type: 'text', text: ' here?' }],
        },
      ],
      completion: [{ role: 'assistant', content: [{ type: 'text', text: '40' }] }],
      images: pictures,
      ...origin,
    });
  });

  it('of ms-swift hold <image> where the pictures stand, and no loss on the earlier answer', () => {
    expect(answerOf('ms-swift')).toEqual({
      messages: [
        { role: 'system', content: 'Read meters.' },
        { role: 'user', content: '<image>Value?' },
        { role: 'assistant', content: '42.7', loss: false },
        { role: 'user', content: 'And <image> here?' },
        { role: 'assistant', content: '40', loss: true },
      ],
      images: pictures,
      ...origin,
    });
  });

  it('of LLaMA-Factory hold the same texts', () => {
    expect(answerOf('llama-factory')).toEqual({
      messages: [
        { role: 'system', content: 'Read meters.' },
        { role: 'user', content: '<image>Value?' },
        { role: 'assistant', content: '42.7' },
        { role: 'user', content: 'And <image> here?' },
        { role: 'assistant', content: '40' },
      ],
      images: pictures,
      ...origin,
    });
  });

  it('of OpenAI hold the pictures, a weight of 0 at the earlier answer, and no key that the service does not know', () => {
    const url = (picture: string) => ({ type: 'image_url', image_url: { url: picture } });
    expect(answerOf('openai')).toEqual({
      messages: [
        { role: 'system', content: 'Read meters.' },
        { role: 'user', content: [url('p/a.png'), { type: 'text', text: 'Value?' }] },
        { role: 'assistant', content: '42.7', weight: 0 },
        { role: 'user', content: [{ type: 'text', text: 'And ' }, url('p/b.png'), { type: 'text', text: ' here?' }] },
        { role: 'assistant', content: '40' },
      ],
    });
  });

  it('of Anneal are the record with its pictures numbered by their places', () => {
    const twice = record({
      messages: [said('user', image(1), image(1), text('Same?')), said('assistant', text('yes'))],
    });
    expect(answerOf('jsonl', twice)).toMatchObject({
      id: 'm-1',
      messages: [{ content: [image(0), image(1), text('Same?')] }, {}],
      images: pictures,
    });
  });
});

describe('rows of a pair of answers', () => {
  it('of TRL have chosen and rejected', () => {
    expect(pairOf('trl')).toMatchObject({
      chosen: [{ role: 'assistant', content: [{ type: 'text', text: '40' }] }],
      rejected: [{ role: 'assistant', content: [{ type: 'text', text: 'about 40' }] }],
      images: pictures,
    });
  });

  it('of ms-swift have rejected_response', () => {
    expect(pairOf('ms-swift')).toMatchObject({ rejected_response: 'about 40', images: pictures });
  });

  it('of LLaMA-Factory end with the question, chosen and rejected beside it', () => {
    expect(pairOf('llama-factory')).toMatchObject({
      messages: [{}, {}, {}, { role: 'user', content: 'And <image> here?' }],
      chosen: { role: 'assistant', content: '40' },
      rejected: { role: 'assistant', content: 'about 40' },
    });
  });

  it('of OpenAI are input, preferred_output and non_preferred_output', () => {
    expect(pairOf('openai-dpo')).toEqual({
      input: { messages: expect.arrayContaining([{ role: 'system', content: 'Read meters.' }]) },
      preferred_output: [{ role: 'assistant', content: '40' }],
      non_preferred_output: [{ role: 'assistant', content: 'about 40' }],
    });
  });
});

describe('what a format can’t hold', () => {
  it.each(['"<image>"', '<image>', '<video>', '<audio>'])(
    '%s in a text is refused where places are marked in it',
    (literal) => {
      const written = record({ messages: [said('user', text(`Type ${literal}.`)), said('assistant', text('ok'))] });
      const refusing = exportFormats.filter((to) => renderers[to].refusal(written)?.reason === 'placeholderInText');
      expect(refusing).toEqual(['ms-swift', 'llama-factory']);
      expect(placeholderInText(record({ rejected: literal }))?.reason).toBe('placeholderInText');
    },
  );

  it('a record without a worse answer makes no pair, nor one whose answers are equal', () => {
    expect(noPair(record())?.reason).toBe('noWorseAnswer');
    expect(noPair(record({ rejected: '40' }))?.reason).toBe('sameAnswers');
    expect(noPair(record({ rejected: '41' }))).toBeNull();
  });

  it('a place without a picture is refused', () => {
    expect(pictureMissing(record({ images: ['images/a.png'] }))?.reason).toBe('pictureMissing');
    expect(pictureMissing(record())).toBeNull();
  });
});

describe('dataset_info.json', () => {
  it('declares each file with its columns and tags, pairs as a ranking', () => {
    const info = datasetInfo([
      { name: 'train.jsonl', pairs: false },
      { name: 'train-preference.jsonl', pairs: true },
    ]);
    expect(info['train']).toMatchObject({
      file_name: 'train.jsonl',
      formatting: 'sharegpt',
      columns: { messages: 'messages', images: 'images' },
      tags: { role_tag: 'role', content_tag: 'content', user_tag: 'user', assistant_tag: 'assistant' },
    });
    expect(info['train_preference']).toMatchObject({
      ranking: true,
      columns: { chosen: 'chosen', rejected: 'rejected', messages: 'messages', images: 'images' },
    });
  });
});
