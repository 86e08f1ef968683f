import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { openDataset } from '../../../../activities/data/dataset.js';
import { exportDataset } from '../../../../activities/data/export/exportDataset.js';
import { readJsonLines } from '../../../../activities/storage/files.js';
import type { TaskRecord } from '../../../../config/records.js';
import { build, freshFolder, removeFreshFolders } from '../build.js';
import { type Wanted, wantedRecord, writePictures } from './records.js';

jest.setTimeout(180_000);
afterAll(removeFreshFolders);

const options = {
  fields: { group: 'group', kind: 'kind' },
  data: { maximumTokens: 100_000 },
  model: { patch: 16, merge: 2, minimumPixels: 1024, maximumPixels: 1 << 20, contextTokens: 100_000 },
};

/** Every record with a worse answer that no better one equals. */
async function built(wanted: Wanted[]) {
  const root = freshFolder();
  await writePictures(root);
  const rows = wanted.map((record, index) =>
    JSON.stringify({ id: `r${index}`, ...record, rejected_response: `worse ${index}` }),
  );
  writeFileSync(path.join(root, 'rows.jsonl'), rows.join('\n'));
  return build({ root, files: ['rows.jsonl'], ...options });
}

/** Group and kind have no place in OpenAI's rows. */
const compared = ({ id: _, group: __, kind: ___, ...rest }: TaskRecord) => rest;

describe('pairs of answers exported and read back', () => {
  it.each(['trl', 'ms-swift', 'llama-factory', 'openai-dpo'] as const)('as %s lose nothing', async (to) => {
    await fc.assert(
      fc.asyncProperty(fc.array(wantedRecord, { minLength: 5, maxLength: 20 }), async (wanted) => {
        const made = await built(wanted);
        const into = path.join(freshFolder(), 'out');
        const dataset = await openDataset(made.folder);
        const { files } = await exportDataset({ dataset, to, into, absolute: false, heartbeat: () => undefined });
        const pairs = files.filter((file) => file.pairs).map(({ name }) => path.join(into, name));
        const root = to === 'ms-swift' ? path.dirname(freshFolder()) : into; // its rows name pictures by absolute paths
        const again = await build({ root, files: pairs, ...options });
        const ids = new Map<string, string>();
        for await (const line of readJsonLines(path.join(into, 'origins.jsonl'))) {
          const { file, row, id } = line as { file: string; row: number; id: string };
          ids.set(`${file}:${row}`, id);
        }
        const named = ({ id }: TaskRecord) => ids.get(id) ?? id;
        const byId = (records: TaskRecord[], name: (record: TaskRecord) => string) =>
          Object.fromEntries(records.map((record) => [name(record), compared(record)]));
        expect(byId(again.records, named)).toEqual(byId(made.records, ({ id }) => id));
        expect(again.records.every(({ rejected }) => rejected?.startsWith('worse'))).toBe(true);
      }),
      { numRuns: 4 },
    );
  });
});
