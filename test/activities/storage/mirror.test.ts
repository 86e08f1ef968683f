/** Two machines over one store: what one makes the other finds, and neither overwrites what is ahead. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isThere } from '../../../activities/processes/there.js';
import { writeWhole } from '../../../activities/storage/files.js';
import { Mirror } from '../../../activities/storage/mirror.js';
import { openMirror } from '../../../activities/storage/openMirror.js';
import { openStore } from '../../../activities/storage/openStore.js';
import type { Store } from '../../../activities/storage/store.js';

let root: string;
let store: Store;
let put: string[];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'anneal-mirror-'));
  const folder = await openStore(pathToFileURL(path.join(root, 'store')).href);
  put = [];
  store = Object.create(folder, {
    put: {
      writable: true,
      value: (...args: Parameters<Store['put']>) => {
        put.push(args[0]);
        return folder.put(...args);
      },
    },
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A machine's `.anneal`. */
function machine(name: string) {
  const folder = path.join(root, name);
  return {
    mirror: new Mirror(store, folder),
    uri: (file: string) => pathToFileURL(path.join(folder, file)).href,
    write: (file: string, content: string) => writeWhole(path.join(folder, file), content),
    read: (file: string) => readFile(path.join(folder, file), 'utf8'),
    has: (file: string) => isThere(path.join(folder, file)),
    remove: (file: string) => rm(path.join(folder, file), { recursive: true }),
  };
}

it('turns URIs of the store into URIs of the disk and back, wherever they stand', () => {
  const { mirror, uri } = machine('a');
  const value = { model: uri('runs/my%20run/model'), sets: [uri('datasets/d/train.jsonl'), 'file:///opt/model'], n: 1 };
  const away = mirror.toStored(value);
  expect(away.sets).toEqual([`${store.uri}/datasets/d/train.jsonl`, 'file:///opt/model']);
  expect(mirror.toLocal(away)).toEqual(value);
  expect(mirror.toStored(`${pathToFileURL(path.join(root, 'ab')).href}/x`)).toContain('/ab/x');
});

it('brings a set of records with the pictures that it names, from any folder, and no others', async () => {
  const [one, other] = [machine('a'), machine('b')];
  const digest = 'ab'.repeat(32);
  await one.write(`datasets/d/images/${digest}.png`, 'picture');
  await one.write('datasets/d/images/other.png', 'other');
  await one.write('runs/r/window.jsonl', `{"images":["../../datasets/d/images/${digest}.png"]}\n`);
  await one.mirror.send(one.uri('datasets/d'));
  await one.mirror.send(one.uri('runs/r/window.jsonl'));

  await other.mirror.bringRecords(other.uri('runs/r/window.jsonl'));
  expect(await other.read(`datasets/d/images/${digest}.png`)).toBe('picture');
  expect(await other.has('datasets/d/images/other.png')).toBe(false);
});

it('sends only what the store has not by checksum', async () => {
  const one = machine('a');
  await one.write('runs/r/answers.jsonl', 'one');
  await one.write('runs/r/report.json', 'before');
  await one.mirror.send(one.uri('runs/r'));
  await one.write('runs/r/report.json', 'after!');
  put.length = 0;
  await machine('a').mirror.send(one.uri('runs/r'));
  expect(put).toEqual(['runs/r/report.json']);
});

it('keeps to this machine what is of this machine alone', async () => {
  const one = machine('a');
  const alone = ['lock', 'pid.json', 'probe.json.process.json', 'model.partial/weights', '.hidden', 'x.partial'];
  for (const name of [...alone, 'events.jsonl', 'attempts/1.json']) await one.write(`job/${name}`, 'x');
  await one.mirror.send(one.uri('job'));
  expect(put.sort()).toEqual(['job/attempts/1.json', 'job/events.jsonl']);
});

describe('a job', () => {
  const files = ['attempts/1.json', 'checkpoints/checkpoint-10/whole.json', 'checkpoints/checkpoint-10/weights'];

  it('goes on elsewhere from its whole checkpoints, those that are left', async () => {
    const [one, other] = [machine('a'), machine('b')];
    for (const name of [...files, 'checkpoints/checkpoint-20/weights']) await one.write(`job/${name}`, 'x');
    await one.mirror.keep(one.uri('job'));
    await one.remove('job/checkpoints/checkpoint-10');
    await one.write('job/checkpoints/checkpoint-20/whole.json', '{}');
    await one.write('job/checkpoints/checkpoint-30/weights', 'half');
    await one.mirror.keep(one.uri('job'));

    await other.mirror.takeUp(other.uri('job'));
    expect(await other.has('job/checkpoints/checkpoint-20/whole.json')).toBe(true);
    expect(await other.has('job/checkpoints/checkpoint-10')).toBe(false);
    expect(await other.has('job/checkpoints/checkpoint-30')).toBe(false);
  });

  it('stays as it is here while nobody has attempted it elsewhere, and is as there once somebody has', async () => {
    const [one, other] = [machine('a'), machine('b')];
    await one.write('job/attempts/1.json', '1');
    await one.write('job/pace.json', 'old');
    await one.mirror.keep(one.uri('job'));
    await one.write('job/pace.json', 'new');
    await one.mirror.takeUp(one.uri('job'));
    expect(await one.read('job/pace.json')).toBe('new');

    await other.mirror.takeUp(other.uri('job'));
    await other.write('job/attempts/2.json', '2');
    await other.write('job/pace.json', 'theirs');
    await other.mirror.keep(other.uri('job'));
    await one.mirror.takeUp(one.uri('job'));
    expect(await one.read('job/pace.json')).toBe('theirs');
  });
});

describe('a job that was stopped and goes on', () => {
  /** The trainer of attempt 1 stopped at a checkpoint, and attempt 2 has begun. */
  async function resumed(one: ReturnType<typeof machine>) {
    for (const name of ['attempts/1.json', 'stop.json', 'result.json', 'events.jsonl'])
      await one.write(`job/${name}`, 'x');
    await one.mirror.keep(one.uri('job'));
    await one.remove('job/stop.json');
    await one.remove('job/result.json');
    await one.write('job/attempts/2.json', '2');
  }

  it('is not told to stop again by the store', async () => {
    const one = machine('a');
    await resumed(one);
    await one.mirror.takeUp(one.uri('job'));
    expect([await one.has('job/stop.json'), await one.has('job/result.json')]).toEqual([false, false]);
    await one.mirror.keep(one.uri('job'));
    expect([await store.head('job/stop.json'), await store.head('job/result.json')]).toEqual([null, null]);
  });

  it('leaves nothing of its stop on a machine that had it before', async () => {
    const [one, other] = [machine('a'), machine('b')];
    for (const name of ['attempts/1.json', 'stop.json', 'result.json']) await one.write(`job/${name}`, 'x');
    await one.mirror.keep(one.uri('job'));
    await other.mirror.takeUp(other.uri('job'));
    await other.remove('job/stop.json');
    await other.remove('job/result.json');
    await other.write('job/attempts/2.json', '2');
    await other.mirror.keep(other.uri('job'));

    await one.mirror.takeUp(one.uri('job'));
    expect(await one.read('job/attempts/2.json')).toBe('2');
    expect([await one.has('job/stop.json'), await one.has('job/result.json')]).toEqual([false, false]);
  });

  it('takes no word from the machine that lost it, though that one has more lines', async () => {
    const [one, other] = [machine('a'), machine('b')];
    await resumed(one);
    await one.mirror.keep(one.uri('job'));
    await other.mirror.takeUp(other.uri('job'));
    await other.write('job/attempts/3.json', '3');
    await other.write('job/events.jsonl', 'theirs');
    await other.mirror.keep(other.uri('job'));

    await one.write('job/events.jsonl', 'ours, and longer');
    await one.mirror.keep(one.uri('job'));
    await one.mirror.takeUp(one.uri('job'));
    expect(await one.read('job/events.jsonl')).toBe('theirs');
  });

  it('is taken up anew where a take-up broke off: the claims come last', async () => {
    const [one, other] = [machine('a'), machine('b')];
    await resumed(one);
    await one.mirror.keep(one.uri('job'));
    const read = store.read.bind(store);
    Object.assign(store, {
      read: (key: string) => (key.endsWith('events.jsonl') ? Promise.reject(new Error('cut off')) : read(key)),
    });
    await expect(other.mirror.takeUp(other.uri('job'))).rejects.toThrow('cut off');
    Object.assign(store, { read });
    await other.mirror.takeUp(other.uri('job'));
    expect(await other.has('job/events.jsonl')).toBe(true);
  });
});

it('brings a file that is put anew while it comes', async () => {
  const [one, other] = [machine('a'), machine('b')];
  await one.write('job/events.jsonl', '1');
  await one.mirror.send(one.uri('job'));
  const read = store.read.bind(store);
  let puts = 0;
  Object.assign(store, {
    async read(key: string) {
      puts += 1;
      if (puts < 4) {
        await one.write('job/events.jsonl', '1'.repeat(puts + 1));
        await one.mirror.send(one.uri('job'));
      }
      return read(key);
    },
  });
  await other.mirror.bring(other.uri('job'));
  expect(await other.read('job/events.jsonl')).toBe('1111');
});

it('leaves lines that are ahead of the store, and brings those that are behind', async () => {
  const [one, other] = [machine('a'), machine('b')];
  await one.write('job/events.jsonl', '1\n2\n');
  await one.mirror.send(one.uri('job/events.jsonl'));
  await one.write('job/events.jsonl', '1\n2\n3\n');
  await one.mirror.bring(one.uri('job/events.jsonl'));
  expect(await one.read('job/events.jsonl')).toBe('1\n2\n3\n');
  await other.write('job/events.jsonl', '1\n');
  await other.mirror.bring(other.uri('job/events.jsonl'));
  expect(await other.read('job/events.jsonl')).toBe('1\n2\n');
});

it('brings what begins so, and takes out of the store what is gone here', async () => {
  const [one, other] = [machine('a'), machine('b')];
  for (const name of ['test-1/answers.jsonl', 'test-1/journal.jsonl', 'train/answers.jsonl'])
    await one.write(`evaluation/${name}`, 'x');
  await one.mirror.send(`${one.uri('evaluation/test-')}*`);
  expect(put.sort()).toEqual(['evaluation/test-1/answers.jsonl', 'evaluation/test-1/journal.jsonl']);
  await other.mirror.takeUp(`${other.uri('evaluation/test-')}*`);
  expect(await other.has('evaluation/test-1/journal.jsonl')).toBe(true);
  await one.remove('evaluation/test-1/journal.jsonl');
  await one.mirror.prune(one.uri('evaluation/test-1'));
  expect(await store.head('evaluation/test-1/journal.jsonl')).toBeNull();
  expect(await store.head('evaluation/test-1/answers.jsonl')).not.toBeNull();
});

describe('the place of a store', () => {
  it('is none without one', async () => expect(await openMirror(root, '')).toBeUndefined());

  it('is the same path on every machine, and another one is refused', async () => {
    await openMirror('/srv/project', store.uri);
    await openMirror('/srv/project', store.uri);
    await expect(openMirror('/home/ada/project', store.uri)).rejects.toMatchObject({
      problem: { type: 'InvalidInput', what: expect.stringContaining('/srv/project/.anneal') },
    });
  });

  it('is told when it can’t be used, before any work', async () => {
    await writeFile(path.join(root, 'file'), '');
    const uri = pathToFileURL(path.join(root, 'file', 'x')).href;
    await expect(openMirror('/srv/project', uri)).rejects.toMatchObject({ problem: { type: 'StorageUnavailable' } });
  });
});

it('gives up the upload of a file that was removed under way', async () => {
  const { mirror, write, uri, remove } = machine('a');
  await write('runs/r/model/weights', 'large');
  const abandoned: string[] = [];
  store.put = async () => {
    await remove('runs/r/model/weights');
    throw new Error('ENOENT');
  };
  store.abandon = async (key) => void abandoned.push(key);
  await mirror.send(uri('runs/r/model'));
  expect(abandoned).toEqual(['runs/r/model/weights']);
});
