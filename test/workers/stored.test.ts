/** Activities over a store that is away. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { writeWhole } from '../../activities/storage/files.js';
import { Mirror } from '../../activities/storage/mirror.js';
import { openStore } from '../../activities/storage/openStore.js';
import { problem } from '../../config/problems.js';
import { stored } from '../../workers/stored.js';

let root: string;
let mirror: Mirror;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'anneal-stored-'));
  const store = await openStore(pathToFileURL(path.join(root, 'store')).href);
  const away = () => {
    throw problem('StorageUnavailable', { what: 'It is away.', where: store.uri, todo: 'Wait.' });
  };
  mirror = new Mirror(Object.assign(store, { list: away, head: away, put: away }), path.join(root, '.anneal'));
  await writeWhole(path.join(root, '.anneal/job/attempts/1.json'), '1');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const run = (activities: Record<string, (input: never) => Promise<unknown>>, input: object, attempt = 1) => {
  const [activity] = Object.values(stored(activities, mirror)) as ((given: object) => Promise<unknown>)[];
  return new MockActivityEnvironment({ attempt }).run((given: object) => activity?.(given) ?? Promise.reject(), input);
};
const handle = () => ({ handle: { folder: pathToFileURL(path.join(root, '.anneal/job')).href } });

it('a trainer of this machine is stopped all the same; that it is told to the store is tried again', async () => {
  let stopped = false;
  const stopTraining = async () => {
    stopped = true;
  };
  await expect(run({ stopTraining }, handle())).rejects.toMatchObject({ problem: { type: 'StorageUnavailable' } });
  expect(stopped).toBe(true);
});

it('a trainer is not started while nobody can tell whether it was elsewhere', async () => {
  let started = false;
  const submitTraining = async () => {
    started = true;
  };
  const input = { folder: handle().handle.folder, spec: {} };
  await expect(run({ submitTraining }, input)).rejects.toMatchObject({ problem: { type: 'StorageUnavailable' } });
  expect(started).toBe(false);
});

it('an activity that is cancelled ends as cancelled', async () => {
  const watchTraining = () => Promise.reject(new CancelledFailure('by a person'));
  await expect(run({ watchTraining }, handle())).rejects.toBeInstanceOf(CancelledFailure);
});

it('a report is sent by a later rendering, where patience did not help', async () => {
  const renderReport = async () => 'rendered';
  const input = { folder: path.join(root, '.anneal/runs/r'), facts: { before: {}, after: {}, trainings: [] } };
  await expect(run({ renderReport }, input, 3)).rejects.toMatchObject({ problem: { type: 'StorageUnavailable' } });
  expect(await run({ renderReport }, input, 4)).toBe('rendered');
});
