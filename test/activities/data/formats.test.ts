/** One fixture a format, made by hand from its documentation: the exact fate of every row, and the first record. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { build, type Made, removeFreshFolders, type Wanted } from './build.js';

jest.setTimeout(240_000);
afterAll(removeFreshFolders);

type Folder = Omit<Wanted, 'root' | 'files'>;

function made(folder: string, files: string[], wanted: Folder = {}): Promise<Made> {
  return build({ root: path.resolve('test/fixtures/formats', folder), files, ...wanted });
}

/** What a person would read off the ledger: how many of each fate, and of each reason. */
function countsOf({ manifest, ledger }: Made) {
  const { read, used, merged, rejected, waiting, leftOut, byReason, repairs } = manifest.counts;
  expect(used + merged + rejected + waiting + leftOut).toBe(read);
  expect(ledger).toHaveLength(read);
  return { used, merged, rejected, waiting, byReason, repairs };
}

/** The record of the first row that is used, or waits: its texts with pictures as `<n>`, and its worse answer. */
function textsOf({ messages, rejected }: Made['records'][number]) {
  const texts = messages.map(({ role, content }) =>
    [role[0], ...content.map((part) => (part.type === 'image' ? `<${part.image}>` : part.text))].join('|'),
  );
  return rejected === undefined ? texts : [...texts, `rejected|${rejected}`];
}

function recordAt(from: Made, line: number, source?: string) {
  const row = from.ledger.find((each) => each.line === line && (source === undefined || each.source === source));
  const record = [...from.records, ...from.waiting].find(({ id }) => id === row?.id);
  return record && textsOf(record);
}

const none = { merged: 0, rejected: 0, waiting: 0, byReason: {}, repairs: {} };

describe('chats', () => {
  it('of OpenAI are read with data URIs and paths; what is not to be learnt or not there is rejected', async () => {
    const from = await made('openai-chat', ['train.jsonl']);
    expect(countsOf(from)).toEqual({
      ...none,
      used: 3,
      rejected: 3,
      byReason: { imageRemote: 1, answerUndesired: 1, answerMissing: 1 },
    });
    expect(recordAt(from, 1)).toEqual(['s|You name colours.', 'u|Which colour?|<0>', 'a|red']);
    expect(recordAt(from, 2)).toEqual(['u|<0>|Which colour?', 'a|green']);
    expect(from.manifest.sources[0]?.format).toBe('jsonl: messages');
  });

  it('of the Responses API are read, and a picture in a file store is none', async () => {
    const from = await made('responses', ['train.jsonl']);
    expect(countsOf(from)).toEqual({ ...none, used: 1, rejected: 1, byReason: { imageMissing: 1 } });
    expect(recordAt(from, 1)).toEqual(['s|You name colours.', 'u|Which colour?|<0>', 'a|red']);
  });

  it('of Anthropic have their system prompt beside them, and tools are none of ours', async () => {
    const from = await made('anthropic', ['train.jsonl']);
    expect(countsOf(from)).toEqual({ ...none, used: 1, rejected: 2, byReason: { imageRemote: 1, partUnknown: 1 } });
    expect(recordAt(from, 1)).toEqual(['s|You name colours.', 'u|<0>|Which colour?', 'a|red']);
  });

  it('of TRL are read as messages, prompts with completions, and preferences with or without a prompt', async () => {
    const from = await made('trl', ['messages.jsonl', 'prompt.jsonl', 'preference.jsonl']);
    expect(countsOf(from)).toEqual({ ...none, used: 6, rejected: 1, byReason: { placeholderMismatch: 1 } });
    expect(recordAt(from, 1, 'messages.jsonl')).toEqual(['u|<0>|Which colour?', 'a|red']);
    expect(recordAt(from, 1, 'prompt.jsonl')).toEqual(['u|<0>|Is it red?', 'a|yes']);
    expect(recordAt(from, 1, 'preference.jsonl')).toEqual(['u|<0>|Is it blue?', 'a|no', 'rejected|yes']);
    expect(recordAt(from, 2, 'preference.jsonl')).toEqual(['u|<0>|Is it grey?', 'a|no', 'rejected|perhaps']);
  });

  it('of ms-swift are read with pairs, boxes in pixels, history and its other names for a question', async () => {
    const from = await made('ms-swift', ['messages.jsonl', 'query.jsonl']);
    expect(countsOf(from)).toEqual({
      used: 8,
      merged: 0,
      rejected: 3,
      waiting: 1,
      byReason: { boxNotPixels: 1, boxMismatch: 1, answerUndesired: 1 },
      repairs: { boxAsText: 2 },
    });
    expect(recordAt(from, 1, 'messages.jsonl')).toEqual(['s|You name colours.', 'u|<0>|Which colour?', 'a|red']);
    expect(recordAt(from, 3, 'messages.jsonl')).toEqual(['u|<0>|Is it red?', 'a|yes', 'rejected|I cannot tell.']);
    expect(recordAt(from, 4, 'messages.jsonl')).toEqual(['u|<0>|Find the corner.', 'a|[1, 1, 4, 4]']);
    expect(recordAt(from, 5, 'messages.jsonl')).toEqual(['u|<0>|Where to click?', "a|click(start_box='[2, 3]')"]);
    expect(recordAt(from, 9, 'messages.jsonl')).toEqual(['u|<0>|Which class?', 'a|1']);
    expect(recordAt(from, 1, 'query.jsonl')).toEqual([
      's|You name colours.',
      'u|Which colours do you know?',
      'a|red and green',
      'u|<0>|And this one?',
      'a|green',
    ]);
    expect(recordAt(from, 3, 'query.jsonl')).toEqual(['u|<0>|Which one?']);
  });

  it('of LLaVA may have a picture without a place, or none', async () => {
    const from = await made('llava', ['train.json']);
    expect(countsOf(from)).toEqual({
      ...none,
      used: 3,
      rejected: 2,
      byReason: { answerEmpty: 1, imageNotFound: 1 },
      repairs: { imagePlaced: 1 },
    });
    expect(recordAt(from, 2)).toEqual(['u|<0>|Which colour?', 'a|red']);
    expect(from.manifest.sources[0]?.format).toBe('json: conversations');
  });

  it('of old ShareGPT have one object a round', async () => {
    const from = await made('sharegpt', ['train.jsonl']);
    expect(countsOf(from)).toEqual({ ...none, used: 1, rejected: 1, byReason: { answerEmpty: 1 } });
    expect(recordAt(from, 1)).toEqual(['s|You name colours.', 'u|<0>|Which colour?', 'a|red', 'u|Sure?', 'a|yes']);
  });
});

describe('OpenAI’s other files', () => {
  it('of preferences keep the worse answer, unless it is the same', async () => {
    const from = await made('openai-preference', ['train.jsonl']);
    expect(countsOf(from)).toEqual({
      ...none,
      used: 2,
      rejected: 1,
      byReason: { answerEmpty: 1 },
      repairs: { rejectedDropped: 1 },
    });
    expect(recordAt(from, 1)).toEqual(['u|Which colour?|<0>', 'a|red', 'rejected|It might be something like red.']);
  });

  it('of batch requests have no answers: those with a picture wait', async () => {
    const from = await made('openai-batch', ['requests.jsonl']);
    expect(countsOf(from)).toEqual({ ...none, used: 0, waiting: 2, rejected: 1, byReason: { answerMissing: 1 } });
    expect(recordAt(from, 1)).toEqual(['s|You name colours.', 'u|Which colour?|<0>']);
    expect(from.waiting.map(({ id }) => id)).toEqual(['request-1', 'request-2']);
    expect(from.ledger[0]).toMatchObject({ fate: 'waiting', reason: 'answerWaiting', split: null });
  });
});

describe('LLaMA-Factory', () => {
  it('registers files with columns and roles of their own, one of them of preferences', async () => {
    const from = await made('llama-factory', ['.']);
    expect(countsOf(from)).toEqual({ ...none, used: 4, rejected: 1, byReason: { roleUnknown: 1 } });
    expect(recordAt(from, 2, 'colours.json')).toEqual([
      's|You name colours.',
      'u|Ready?',
      'a|Yes.',
      'u|<0>|Which colour?\nOne word.',
      'a|red',
    ]);
    expect(recordAt(from, 1, 'chat.jsonl')).toEqual(['s|You name colours.', 'u|<0>|Is it green?', 'a|no']);
    expect(recordAt(from, 2, 'dpo.json')).toEqual(['u|<0>|Is it blue?', 'a|no', 'rejected|yes']);
  });

  it('names its datasets, and an unknown one is refused with the nearest', async () => {
    const of = (datasets: string[]) =>
      made('llama-factory', [], { entries: [{ path: 'dataset_info.json', datasets }] });
    expect((await of(['chat_dpo'])).manifest.sources.map((source) => source.path)).toEqual(['dpo.json']);
    await expect(of(['chat_dop'])).rejects.toThrow(/no dataset "chat_dop". Did you mean "chat_dpo"/);
  });

  it('writes alpaca rows without a registry too', async () => {
    const from = await made('alpaca', ['train.json']);
    expect(countsOf(from)).toEqual({
      ...none,
      used: 2,
      waiting: 1,
      rejected: 1,
      byReason: { answerUndesired: 1 },
    });
    expect(recordAt(from, 2)).toEqual(['u|<0>|Which colour?\nOne word.', 'a|red']);
  });

  it('and ms-swift’s list of the same name is followed as well', async () => {
    const from = await made('ms-swift-registry', ['dataset_info.json']);
    expect(countsOf(from)).toEqual({ ...none, used: 1, rejected: 1, byReason: { imageNotFound: 1 } });
    expect(recordAt(from, 1)).toEqual(['u|<0>|Which colour?', 'a|red']);
  });
});

describe('files whose records are joined', () => {
  it('make a record of each COCO caption, and the pictures that none describes wait', async () => {
    const from = await made('coco', ['annotations/captions_val2014.json']);
    expect(countsOf(from)).toEqual({
      ...none,
      used: 3,
      waiting: 1,
      rejected: 1,
      byReason: { imageMissing: 1 },
      repairs: { answerTidied: 1 },
    });
    expect(textsOf(from.records.find(({ id }) => id === '38') as Made['records'][number])).toEqual([
      'u|<0>|Describe the picture.',
      'a|A red field with a pale corner.',
    ]);
  });

  it('make a record of each category in a picture of COCO, with its boxes as corners', async () => {
    const from = await made('coco', ['annotations/instances_val2014.json']);
    expect(countsOf(from)).toEqual({ ...none, used: 2, rejected: 1, byReason: { classUnknown: 1 } });
    expect(
      from.records
        .map(textsOf)
        .map((texts) => texts.at(-1))
        .sort(),
    ).toEqual(['a|[[0, 0, 12, 8]]', 'a|[[1, 1, 4, 4], [6, 1, 8, 4]]']);
    expect(from.manifest.notes.join()).toContain('1 regions mark a crowd');
  });

  it.each([
    ['the questions', ['v2_OpenEnded_mscoco_val2014_questions.json']],
    ['the annotations', ['v2_mscoco_val2014_annotations.json']],
    ['both', ['*.json']],
  ])('give VQAv2’s question the answer of most people, whether %s are named', async (_, files) => {
    const from = await made('vqa', files);
    expect(countsOf(from)).toEqual({ ...none, used: 2, waiting: 1 });
    const byId = new Map([...from.records, ...from.waiting].map((record) => [record.id, textsOf(record)]));
    expect(byId.get('9000')).toEqual(['u|<0>|Which colour is it?', 'a|red']);
    expect(byId.get('25000')).toEqual(['u|<0>|Is it green?', 'a|yes']);
    expect(byId.get('25001')).toEqual(['u|<0>|Is it old?']);
  });

  it('asks for the file of questions where VQAv2’s answers lie alone', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'anneal-vqa-'));
    const answers = 'v2_mscoco_val2014_annotations.json';
    await copyFile(path.resolve('test/fixtures/formats/vqa', answers), path.join(folder, answers));
    await expect(build({ root: folder, files: [answers] })).rejects.toMatchObject({
      problem: {
        type: 'DatasetInvalid',
        where: answers,
        todo: expect.stringContaining('v2_mscoco_val2014_questions.json'),
      },
    });
    await rm(folder, { recursive: true });
  });

  it('give DocVQA’s question the commonest of its answers', async () => {
    const from = await made('docvqa', ['val_v1.0.json'], { fields: { group: 'ucsf_document_id' } });
    expect(countsOf(from)).toEqual({ ...none, used: 2, waiting: 1 });
    expect(from.records.map(textsOf)).toContainEqual(['u|<0>|What is the date?', 'a|1/8/93']);
    expect(new Set(from.records.map(({ group }) => group)).size).toBe(1);
  });

  it('give TextVQA’s question the commonest of its ten answers', async () => {
    const from = await made('textvqa', ['TextVQA_0.5.1_val.json']);
    expect(countsOf(from)).toEqual({ ...none, used: 1, rejected: 1, byReason: { imageNotFound: 1 } });
    expect(from.records.map(textsOf)).toEqual([['u|<0>|Which brand?', 'a|nokia']]);
  });
});

describe('fields and columns', () => {
  it('with captions are asked for in the language of the caption', async () => {
    const from = await made('captions', ['zh.jsonl']);
    expect(countsOf(from)).toEqual({ ...none, used: 2, waiting: 1, repairs: { captionQuestion: 3 } });
    expect(recordAt(from, 1)).toEqual(['u|<0>|请描述这张图片。', 'a|一面红色的旗帜,左上角有浅色方块。']);
  });

  it('of a table are read by their names; others are guessed and asked about, or refused', async () => {
    const usual = await made('tables', ['usual.tsv']);
    expect(countsOf(usual)).toEqual({ ...none, used: 1, waiting: 1 });
    expect(recordAt(usual, 2)).toEqual(['u|<0>|Which colour?', 'a|red']);
    const guessed = await made('tables', ['unusual.csv'], { question: 'What is it?' });
    expect(countsOf(guessed)).toEqual({ ...none, used: 2 });
    expect(recordAt(guessed, 2)).toEqual(['u|<0>|What is it?', 'a|ein rotes Feld']);
    expect(guessed.ref.questions.join()).toMatch(/pictures are taken from "Datei", its answers from "Text"/);
    await expect(made('tables', ['unknown.csv'], { question: 'What is it?' })).rejects.toMatchObject({
      problem: {
        what: expect.stringContaining('keys are "Datei", "Eins", "Zwei"'),
        todo: expect.stringContaining('"format"'),
      },
    });
  });

  it('may have no answer yet: null and empty wait, white space and a missing field do not', async () => {
    const fate = async (unanswered: Wanted['unanswered']) =>
      countsOf(await made('plain', ['records.jsonl'], { unanswered }));
    const answerEmpty = { rejected: 1, byReason: { answerEmpty: 1 } };
    expect(await fate('declared')).toEqual({
      ...none,
      used: 3,
      waiting: 2,
      rejected: 2,
      byReason: { answerEmpty: 1, answerMissing: 1 },
    });
    expect(await fate('wait')).toEqual({ ...none, used: 3, waiting: 3, ...answerEmpty });
    expect(await fate('reject')).toEqual({
      ...none,
      used: 3,
      rejected: 4,
      byReason: { answerEmpty: 1, answerMissing: 3 },
    });
  });
});
