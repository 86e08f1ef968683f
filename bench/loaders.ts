/** Loaders: what we export is read by the trainers' own loaders, row by row the same. */
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { openDataset } from '../activities/data/dataset.js';
import { exportDataset } from '../activities/data/export/exportDataset.js';
import type { ExportFormat } from '../activities/data/export/formats.js';
import { datasetName } from '../activities/data/export/llamaFactory.js';
import type { ExportedFile } from '../activities/data/export/manifest.js';
import { placedPictures, textWithPlaces } from '../activities/data/export/turns.js';
import { createDatasetActivities } from '../activities/data/index.js';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { businessOf } from '../activities/recipe/resolve.js';
import { readTaskFile } from '../activities/recipe/taskFile.js';
import { toPath, toUri } from '../activities/storage/files.js';
import { progressLines, setUp } from '../cli/setup/index.js';
import { thisMachine } from '../cli/setup/machine.js';
import { problem } from '../config/problems.js';
import type { TaskRecord } from '../config/records.js';
import { RecipeSettings } from '../config/settings.js';
import { wantedRecord } from '../test/activities/data/export/records.js';
import { writeStored } from '../test/activities/data/storedDataset.js';
import { bench, type Measured, tell } from './lib/bench.js';
import { peerPython, removePeer } from './loaders/peers.js';

const about = `Exports examples/digits, and a made set with several pictures, several turns and pairs of answers, and has TRL,
ms-swift and LLaMA-Factory load every file with their own loaders. Each of the latter two is installed into an
environment of its own (several GB).

  NAMES      trl, ms-swift, llama-factory; all when none is named
  --keep     keep the environments, in the user's cache`;

/** What a loader read of a row, in words that all three share. */
interface ReadRow {
  turns: [role: string, text: string][];
  worse: string | null;
  images: string[];
  /** Whether the pictures are where the loader looks for them. */
  there: boolean;
  /** ms-swift only: which answers carry a loss. */
  learnt?: (boolean | null)[];
}

interface Loader {
  /** Arguments of the script that reads one file of an export. */
  arguments: (folder: string, file: ExportedFile) => string[];
  script: string;
}

const model = path.join(packageFolder, 'trainer', 'tiny_vlm', 'model');

const loaders = {
  trl: { script: 'read_trl.py', arguments: (folder, { name }) => [path.join(folder, name), model] },
  'ms-swift': {
    script: 'read_ms_swift.py',
    arguments: (folder, { name }) => [path.join(folder, name)],
  },
  'llama-factory': {
    script: 'read_llama_factory.py',
    arguments: (folder, file) => [folder, datasetName(file), file.pairs ? 'rm' : 'sft'],
  },
} as const satisfies Partial<Record<ExportFormat, Loader>>;
type LoaderName = keyof typeof loaders;

const loaderNames = Object.keys(loaders) as LoaderName[];
/** Of the made set. */
const mixedRecords = 300;

await bench(
  { name: 'loaders', about, options: { keep: { type: 'boolean', default: false } } },
  async ({ values, names, folder }) => {
    const wanted = names.length === 0 ? loaderNames : names.map(loaderNamed);
    const datasets = { digits: await digits(folder), mixed: await mixed(folder) };
    const compared: Compared[] = [];
    for (const name of wanted) {
      const python = name === 'trl' ? (await setUp(progressLines())).python : await peerPython(name);
      for (const [set, dataset] of Object.entries(datasets))
        compared.push(...(await compare({ name, set, dataset, python, into: path.join(folder, `${set}-${name}`) })));
      if (!values.keep && name !== 'trl') await removePeer(name);
    }
    return measured(compared);
  },
);

function loaderNamed(name: string): LoaderName {
  const found = loaderNames.find((each) => each === name);
  if (found) return found;
  throw problem('InvalidInput', {
    what: `There is no loader "${name}".`,
    where: 'npm run bench -- loaders NAMES',
    todo: `Name some of ${loaderNames.join(', ')}.`,
  });
}

/** The dataset of examples/digits, as a run builds it. */
async function digits(folder: string): Promise<string> {
  tell('building examples/digits');
  const source = await businessOf(await readTaskFile('examples/digits', packageFolder));
  const { data: settings, seed } = RecipeSettings.parse({});
  const size = { patch: 16, merge: 2, minimumPixels: 128 * 128, maximumPixels: 128 * 128, contextTokens: 2048 };
  const { buildDatasetFolder } = createDatasetActivities({ heartbeat: () => undefined });
  const { uri } = await buildDatasetFolder({
    source,
    settings,
    seed,
    model: size,
    into: toUri(path.join(folder, 'built')),
  });
  return toPath(uri);
}

/** Made records of every shape that a dataset can hold; every third has a worse answer. */
async function mixed(folder: string): Promise<string> {
  const made = fc.sample(wantedRecord, { numRuns: mixedRecords, seed: 5 });
  const train = made.map(({ messages, images, group, kind }, index): TaskRecord => {
    const stored = images.map((image) => `images/${image}`);
    const pair = index % 3 === 0 ? { rejected: 'a worse answer' } : {};
    return {
      id: `m${index}`,
      messages,
      images: stored,
      group: group ?? `g${index}`,
      ...(kind ? { kind } : {}),
      ...pair,
    };
  });
  const into = path.join(folder, 'built', 'mixed');
  await writeStored(into, { records: { train } });
  return into;
}

interface Compared {
  loader: LoaderName;
  set: string;
  file: string;
  exported: number;
  loaded: number;
  differ: number;
  /** The first row that differs, for a person. */
  first: unknown;
}

interface Comparison {
  name: LoaderName;
  set: string;
  dataset: string;
  python: string;
  into: string;
}

async function compare({ name, set, dataset, python, into }: Comparison): Promise<Compared[]> {
  await rm(into, { recursive: true, force: true });
  const stored = await openDataset(dataset);
  const { files } = await exportDataset({
    dataset: stored,
    to: name,
    into,
    absolute: false,
    heartbeat: () => undefined,
  });
  const compared: Compared[] = [];
  for (const file of files) {
    tell(`${name} loads ${file.name} of ${set}`);
    const wanted: ReadRow[] = [];
    for await (const record of stored.records(file.split))
      if (!file.pairs || record.rejected !== undefined) wanted.push(expected(record, name, file.pairs));
    const loaded = await load(python, name, into, file);
    const unlike = wanted.flatMap((row, index) =>
      isDeepStrictEqual(row, loaded[index]) ? [] : [{ wanted: row, loaded: loaded[index] }],
    );
    const [first = null] = unlike;
    compared.push({
      loader: name,
      set,
      file: file.name,
      exported: file.rows,
      loaded: loaded.length,
      differ: unlike.length,
      first,
    });
  }
  return compared;
}

function expected(record: TaskRecord, name: LoaderName, pairs: boolean): ReadRow {
  const answers = record.messages.filter(({ role }) => role === 'assistant').length;
  return {
    turns: record.messages.map((message) => [message.role, textWithPlaces(message)]),
    worse: pairs ? (record.rejected ?? null) : null,
    images: placedPictures(record).map((picture) => path.basename(picture)),
    there: true,
    ...(name === 'ms-swift' ? { learnt: Array.from({ length: answers }, (_, index) => index === answers - 1) } : {}),
  };
}

/** Runs the loader in a process of its own; its log is the error's text when it fails. */
async function load(python: string, name: LoaderName, folder: string, file: ExportedFile): Promise<ReadRow[]> {
  const { script, arguments: argumentsOf } = loaders[name];
  const rows: ReadRow[] = [];
  const cache = path.join(os.tmpdir(), 'anneal-loaders');
  const { code, lines } = await thisMachine().run(
    python,
    [path.join(packageFolder, 'bench', 'loaders', script), ...argumentsOf(folder, file)],
    {
      env: {
        ...process.env,
        HF_HUB_OFFLINE: '1',
        HF_HOME: cache,
        MODELSCOPE_CACHE: cache,
        USE_HF: '1',
        PYTHONNOUSERSITE: '1',
      },
      onLine: (line) => {
        if (line.startsWith('ROW ')) rows.push(JSON.parse(line.slice('ROW '.length)) as ReadRow);
      },
    },
  );
  if (code === 0) return rows;
  throw problem('DatasetInvalid', {
    what: `${name} could not load ${file.name}: ${lines.slice(-6).join(' ').slice(0, 1200)}`,
    where: folder,
    todo: 'Read the loader’s words above.',
  });
}

function measured(compared: Compared[]): Measured {
  const holds = compared.every(({ exported, loaded, differ }) => exported === loaded && differ === 0);
  const rows = compared.reduce((sum, { loaded }) => sum + loaded, 0);
  return {
    columns: ['Loader', 'Set', 'File', 'Rows exported', 'Rows loaded', 'Rows that differ'],
    rows: compared.map(({ loader, set, file, exported, loaded, differ }) => [
      loader,
      set,
      file,
      `${exported}`,
      `${loaded}`,
      `${differ}`,
    ]),
    claim: `${[...new Set(compared.map(({ loader }) => loader))].join(', ')} load ${rows} exported rows with their texts, pictures and worse answers unchanged.`,
    holds,
    facts: { compared },
  };
}
