import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { openDataset } from '../../../../activities/data/dataset.js';
import { exportDataset } from '../../../../activities/data/export/exportDataset.js';
import type { ExportFormat } from '../../../../activities/data/export/formats.js';
import { readJsonLines } from '../../../../activities/storage/files.js';
import type { TaskRecord } from '../../../../config/records.js';
import { build, freshFolder, type Made, removeFreshFolders } from '../build.js';
import { type Wanted, wantedRecord, writePictures } from './records.js';

jest.setTimeout(180_000);
afterAll(removeFreshFolders);

const fields = { group: 'group', kind: 'kind' };
const data = { maximumTokens: 100_000 };
const model = { patch: 16, merge: 2, minimumPixels: 1024, maximumPixels: 1 << 20, contextTokens: 100_000 };

async function built(wanted: Wanted[]): Promise<Made> {
  const root = freshFolder();
  await writePictures(root);
  const rows = wanted.map((record, index) => JSON.stringify({ id: `r${index}`, ...record }));
  writeFileSync(path.join(root, 'rows.jsonl'), rows.join('\n'));
  return build({ root, files: ['rows.jsonl'], fields, data, model });
}

async function exported(made: Made, to: ExportFormat) {
  const into = path.join(freshFolder(), 'out');
  const dataset = await openDataset(made.folder);
  const manifest = await exportDataset({ dataset, to, into, absolute: false, heartbeat: () => undefined });
  return { into, manifest };
}

/** Whatever a row names its record by: its own id, or its place in the export. */
async function idsOf(into: string): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for await (const line of readJsonLines(path.join(into, 'origins.jsonl'))) {
    const { file, row, id } = line as { file: string; row: number; id: string };
    ids.set(`${file}:${row}`, id);
    ids.set(id, id);
  }
  return ids;
}

function byId(records: readonly TaskRecord[], ids?: Map<string, string>): Record<string, unknown> {
  return Object.fromEntries(records.map(({ id, ...rest }) => [ids?.get(id) ?? id, rest]));
}

/** OpenAI's rows have no place for group and kind; origins.jsonl beside them has. */
const withoutOrigin = ({ group: _, kind: __, ...rest }: TaskRecord): TaskRecord => ({ ...rest, group: '' });

describe('a dataset exported and read back', () => {
  it.each(['trl', 'llama-factory', 'jsonl', 'openai', 'ms-swift'] as const)('as %s loses nothing', async (to) => {
    await fc.assert(
      fc.asyncProperty(fc.array(wantedRecord, { minLength: 5, maxLength: 25 }), async (wanted) => {
        const made = await built(wanted);
        const { into, manifest } = await exported(made, to);
        const root = to === 'ms-swift' ? path.dirname(freshFolder()) : into; // its rows name pictures by absolute paths
        const files = manifest.files.map(({ name }) => path.join(into, name));
        const again = await build({ root, files, fields, data, model });
        const ids = await idsOf(into);
        const kept = (records: TaskRecord[]) => (to === 'openai' ? records.map(withoutOrigin) : records);
        expect(byId(kept(again.records), ids)).toEqual(byId(kept(made.records)));
        expect(manifest.counts).toMatchObject({ records: made.records.length, refused: 0 });
      }),
      { numRuns: 6 },
    );
  });
});
