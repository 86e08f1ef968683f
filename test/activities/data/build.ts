/** Builds datasets for the tests: a folder of its own each, everything at its default except what a test names. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BuildInput } from '../../../activities/data/build/madeBefore.js';
import { createDatasetActivities } from '../../../activities/data/index.js';
import { toPath, toUri } from '../../../activities/storage/files.js';
import { AnswerKind } from '../../../config/evaluation.js';
import { DatasetManifest, type DatasetRef, LedgerRow, splitNames, TaskRecord } from '../../../config/records.js';
import type { DataSource, SourceFile } from '../../../config/resolved.js';
import { RecipeSettings, type RecipeSettingsInput } from '../../../config/settings.js';

export const cases = path.resolve('test/fixtures/cases');

const folders: string[] = [];

/** A fresh folder that is removed after the tests of the file. */
export function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'anneal-data-'));
  folders.push(folder);
  return folder;
}

export function removeFreshFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export const tinyModel = {
  patch: 16,
  merge: 2,
  minimumPixels: 128 * 128,
  maximumPixels: 128 * 128,
  contextTokens: 2048,
};

export interface Wanted {
  root: string;
  files: string[];
  entries?: SourceFile[];
  fields?: Partial<DataSource['fields']>;
  format?: DataSource['format'];
  question?: string;
  unanswered?: DataSource['unanswered'] | undefined;
  answer?: Parameters<typeof AnswerKind.parse>[0];
  model?: BuildInput['model'];
  data?: RecipeSettingsInput['data'];
  into?: string;
  seed?: number;
  /** Folder of a dataset whose splits are kept. */
  keepSplitsOf?: string;
  /** Of generic sources. */
  terms?: DataSource['terms'];
  /** What is made of the records (R7). */
  making?: Pick<DataSource, 'language' | 'formats' | 'augment'>;
  leastQualities?: number[];
  /** File of decisions about answers. */
  reviews?: string;
}

export function inputOf(wanted: Wanted): BuildInput {
  const {
    root,
    files,
    entries = [],
    fields = {},
    format = 'auto',
    question = null,
    answer = { kind: 'text' },
  } = wanted;
  const names = { id: 'id', image: 'image', question: 'question', answer: 'answer', ...fields };
  return {
    source: {
      name: 'business',
      files: [...files.map((file) => ({ path: file })), ...entries].map((entry) => ({
        ...entry,
        path: path.resolve(root, entry.path),
      })),
      root,
      format,
      fields: names,
      question,
      answer: AnswerKind.parse(answer),
      unanswered: wanted.unanswered ?? 'declared',
      ...wanted.making,
      ...(wanted.terms ? { terms: wanted.terms } : {}),
      ...(wanted.keepSplitsOf ? { keepSplitsOf: toUri(wanted.keepSplitsOf) } : {}),
      ...(wanted.reviews === undefined ? {} : { reviews: wanted.reviews }),
    },
    model: wanted.model ?? tinyModel,
    settings: RecipeSettings.parse({ data: wanted.data ?? {} }).data,
    seed: wanted.seed ?? 1,
    ...(wanted.leastQualities ? { leastQualities: wanted.leastQualities } : {}),
    into: toUri(wanted.into ?? freshFolder()),
  };
}

export interface Made {
  ref: DatasetRef;
  folder: string;
  manifest: DatasetManifest;
  ledger: LedgerRow[];
  records: TaskRecord[];
  /** Records without an answer. */
  waiting: TaskRecord[];
}

export async function build(wanted: Wanted): Promise<Made> {
  const { buildDatasetFolder } = createDatasetActivities({ heartbeat: () => undefined });
  const ref = await buildDatasetFolder(inputOf(wanted));
  const folder = toPath(ref.uri);
  const lines = async (name: string) =>
    (await readFile(path.join(folder, `${name}.jsonl`), 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const ledger = (await lines('ledger')).map((row) => LedgerRow.parse(row));
  const records = (await Promise.all(splitNames.map(lines))).flat().map((record) => TaskRecord.parse(record));
  const manifest = DatasetManifest.parse(JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')));
  const waiting = (await lines('waiting')).map((record) => TaskRecord.parse(record));
  return { ref, folder, manifest, ledger, records, waiting };
}

/** Fates by id, with the reason of those not used. */
export function fates({ ledger }: Made): Record<string, string> {
  return Object.fromEntries(ledger.map(({ id, line, fate, reason }) => [id ?? `line ${line}`, reason ?? fate]));
}
