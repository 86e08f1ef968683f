/** What a dataset has that the champion's has not: the test items to meet on, and whether it looks the same (methods M13). */
import path from 'node:path';
import sharp from 'sharp';
import type { Decision } from '../../../config/decisions.js';
import { splitNames, type TaskRecord } from '../../../config/records.js';
import { drift, type Feature } from '../../../workflows/policies/retraining/drift.js';
import { toPath, toUri } from '../../storage/files.js';
import { LineWriter } from '../build/lineWriter.js';
import { questionKey } from '../checks/duplicates.js';
import { openDataset, type StoredDataset } from '../dataset.js';
import { Pins } from '../splits/pins.js';
import { Sample } from './sample.js';

export interface NewRecordsInput {
  /** URIs of dataset folders: the present one, and the champion's. */
  dataset: string;
  before: string;
  seed: number;
  driftAlpha: number;
  /** URI of the folder that gets window.jsonl. */
  into: string;
}

export interface NewRecords {
  /** Test records that the champion's dataset does not have in any split. */
  windowUri: string;
  window: number;
  train: number;
  trainBefore: number;
  drift: Decision<'same' | 'drifted' | 'cannotTell'>;
}

/** Groups looked at on each side. */
const sampledGroups = 400;
/** Above so many different answers they are no classes. */
const mostClasses = 50;

/** Throws InvalidInput where a dataset is gone, DatasetInvalid where one can't be read. */
export async function findNewRecords(input: NewRecordsInput, heartbeat: () => void): Promise<NewRecords> {
  const [present, past] = [await openDataset(toPath(input.dataset)), await openDataset(toPath(input.before))];
  const known = await Pins.read(past.folder, heartbeat);
  const sample = { before: new Sample(input.seed, sampledGroups), now: new Sample(input.seed, sampledGroups) };
  for (const split of splitNames)
    for await (const record of past.records(split)) {
      sample.before.add(record);
      heartbeat();
    }
  const file = path.join(toPath(input.into), 'window.jsonl');
  const writer = await LineWriter.open(file);
  const counts = { window: 0, train: 0 };
  try {
    for (const split of splitNames)
      for await (const record of present.records(split)) {
        heartbeat();
        if (isKnown(known, record)) continue;
        sample.now.add(record);
        if (split === 'train') counts.train += 1;
        if (split !== 'test') continue;
        counts.window += 1;
        await writer.write(placedIn(path.dirname(file), present, record));
      }
  } finally {
    await writer.close();
  }
  return {
    windowUri: toUri(file),
    ...counts,
    trainBefore: past.manifest.counts.bySplit.train ?? 0,
    drift: drift(await featuresOf({ ...sample, past, present, heartbeat }), {
      alpha: input.driftAlpha,
      seed: input.seed,
    }),
  };
}

function isKnown(known: Pins, { messages, images }: TaskRecord): boolean {
  const digests = images.map((image) => path.basename(image, '.png'));
  return known.knows(digests, questionKey(messages, digests));
}

/** Pictures stay in the dataset; their names lead there from the folder of the window. */
function placedIn(folder: string, { folder: dataset }: StoredDataset, record: TaskRecord): TaskRecord {
  const images = record.images.map((image) => path.relative(folder, path.join(dataset, image)));
  return { ...record, images };
}

interface Sides {
  before: Sample;
  now: Sample;
  past: StoredDataset;
  present: StoredDataset;
  heartbeat: () => void;
}

/** Classes where answers are some; lengths of texts; brightness, contrast and size of pictures where all have one. */
async function featuresOf({ before, now, past, present, heartbeat }: Sides): Promise<Feature[]> {
  const sides = { before: before.records, now: now.records };
  const measured = {
    before: await measuresOf(sides.before, past, heartbeat),
    now: await measuresOf(sides.now, present, heartbeat),
  };
  const answers = [...new Set([...sides.before, ...sides.now].map(answerOf))].sort();
  const classOf = (record: TaskRecord) => answers.indexOf(answerOf(record));
  const names = Object.keys(measured.now[0] ?? measured.before[0] ?? {});
  const complete = names.filter((name) => [...measured.before, ...measured.now].every((each) => name in each));
  return [
    ...(answers.length <= mostClasses
      ? [{ name: 'answers', kind: 'class' as const, before: sides.before.map(classOf), now: sides.now.map(classOf) }]
      : []),
    ...complete.map((name) => ({
      name,
      kind: 'measure' as const,
      before: measured.before.map((each) => each[name] as number),
      now: measured.now.map((each) => each[name] as number),
    })),
  ];
}

type Measures = Record<string, number>;

async function measuresOf(
  records: readonly TaskRecord[],
  { folder }: StoredDataset,
  heartbeat: () => void,
): Promise<Measures[]> {
  const all: Measures[] = [];
  for (const record of records) {
    const [image] = record.images;
    const texts = { questionLength: questionOf(record).length, answerLength: answerOf(record).length };
    all.push({ ...texts, ...(image === undefined ? {} : await pictureMeasures(path.join(folder, image))) });
    heartbeat();
  }
  return all;
}

async function pictureMeasures(file: string): Promise<Measures> {
  const picture = sharp(file);
  const { width, height } = await picture.metadata();
  const { channels } = await picture.greyscale().stats();
  return { brightness: channels[0]?.mean ?? 0, contrast: channels[0]?.stdev ?? 0, pixels: width * height };
}

function answerOf({ messages }: TaskRecord): string {
  return textOf(messages.at(-1));
}

function questionOf({ messages }: TaskRecord): string {
  return messages.slice(0, -1).map(textOf).join('\n');
}

function textOf(message: TaskRecord['messages'][number] | undefined): string {
  return (message?.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}
