import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { probeRecords } from '../../../activities/evaluation/records.js';
import { toUri } from '../../../activities/storage/files.js';

const colours = ['red', 'green', 'blue', 'white'];
const splits = ['train', 'train', 'validation', 'train', 'test'];

/** A built dataset of 200 rows whose rows of a split lie apart, as its ledger says. */
async function datasetOf() {
  const folder = await mkdtemp(path.join(tmpdir(), 'anneal-records-'));
  const rows = Array.from({ length: 200 }, (_, index) => ({
    id: `r${index}`,
    split: splits[index % 5] ?? 'train',
    answer: colours[(index * 7 + (index >> 2)) % 4] ?? '',
  }));
  const record = ({ id, answer }: (typeof rows)[number]) => ({
    id,
    group: id,
    images: [`images/${id}.png`],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', image: 0 },
          { type: 'text', text: 'Which colour?' },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: answer }] },
    ],
  });
  const ledger = ({ id, split }: (typeof rows)[number], line: number) => ({
    source: 'records.jsonl',
    line: line + 1,
    id,
    fate: 'used',
    split,
    reason: null,
    detail: null,
  });
  const write = (name: string, values: unknown[]) =>
    writeFile(path.join(folder, name), values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  // The test split has no file here: whoever reads it fails.
  for (const split of ['train', 'dev', 'validation'])
    await write(`${split}.jsonl`, rows.filter((row) => row.split === split).map(record));
  await write('ledger.jsonl', rows.map(ledger));
  return { folder, rows, write };
}

describe('probeRecords', () => {
  const common = { seed: 1, answer: { kind: 'text', ignoreCase: true }, limit: 500 } as const;

  it('takes neighbours in the order of the source, over the splits, and leaves the test split alone', async () => {
    const { folder, rows, write } = await datasetOf();
    const asked = rows.flatMap(({ id, split, answer }, index) => {
      if (split !== 'train') return [];
      const given = rows[index + 1]?.answer ?? '';
      return [answerOf(id, answer, given)];
    });
    await write('answers.jsonl', asked);
    const answersUri = toUri(path.join(folder, 'answers.jsonl'));
    const { neighbour, ...figures } = await probeRecords({
      ...common,
      datasetUri: toUri(folder),
      answersUris: [answersUri],
    });
    expect(figures).toMatchObject({ rows: 120, asked: 120 });
    expect(neighbour).toMatchObject({ side: 'after', fits: neighbour.tested });
    // Two of three training rows have a neighbour whose answer may be looked at.
    expect(neighbour.tested).toBeLessThanOrEqual(80);
    expect(neighbour.tested).toBeGreaterThan(40);
  });

  it('looks at the trained records only, and needs no answers', async () => {
    const { folder } = await datasetOf();
    const figures = await probeRecords({ ...common, limit: 50, datasetUri: toUri(folder), answersUris: [] });
    expect(figures).toMatchObject({ rows: 50, asked: 0, wrong: 0, neighbour: { tested: 0, side: null } });
  });
});

function answerOf(id: string, expected: string, given: string) {
  const nothing = { slice: null, image: null, reason: null, promptTokens: 1, completionTokens: 1, milliseconds: 1 };
  const score = given === expected ? 1 : 0;
  const said = { expected, given, outcome: 'answered', valid: true, score, repaired: score };
  return { id, group: id, question: 'Which colour?', ...said, ...nothing };
}
