/** What every store must do, done by each of them: a folder, and a bucket of a real S3 server. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { fetchFile } from '../../../activities/storage/fetchFile.js';
import { sha256, writeWhole } from '../../../activities/storage/files.js';
import { openStore } from '../../../activities/storage/openStore.js';
import type { Outgoing, Store } from '../../../activities/storage/store.js';
import { snippets } from '../../docs/pages.js';
import { noServer, type S3Server, startS3Server } from './versitygw.js';

const mebibyte = 1024 * 1024;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'anneal-store-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function fileOf(name: string, content: string | Uint8Array): Promise<Outgoing> {
  const file = path.join(root, 'here', name);
  await writeWhole(file, content);
  return { path: file, bytes: Buffer.byteLength(content), sha256: sha256(content) };
}

async function keysOf(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
}

/** `placeOf` gives the file on the server's disk that holds a key. */
function holdContract(open: () => Promise<{ store: Store; placeOf: (key: string) => string }>): void {
  let store: Store;
  let placeOf: (key: string) => string;
  beforeAll(async () => {
    ({ store, placeOf } = await open());
  });

  it('can be used', () => store.check());

  it.each([
    ['a text', 'runs/a/report.html', 'Grüße'],
    ['an empty file', 'runs/a/empty', ''],
    ['a name with signs', 'runs/a/100 % — 測試 + #1?.txt', 'x'],
  ])('gives back %s', async (_, key, content) => {
    await store.put(key, await fileOf('one', content));
    expect(await store.head(key)).toEqual({ bytes: Buffer.byteLength(content), sha256: sha256(content) });
    expect(await text(await store.read(key))).toBe(content);
    const into = path.join(
      root,
      'there',
      createHash('md5')
        .update(key + store.uri)
        .digest('hex'),
    );
    expect(await fetchFile(store, key, into)).toBe(true);
    expect(await readFile(into, 'utf8')).toBe(content);
  });

  it('replaces a file, and reads from the middle', async () => {
    await store.put('replaced', await fileOf('one', 'before'));
    await store.put('replaced', await fileOf('one', 'afterwards'));
    expect(await text(await store.read('replaced', { from: 5 }))).toBe('wards');
  });

  it.each([
    ['a shorter one', '{"version": 9}'],
    ['a longer one', '{"version": 10, "by": "another"}'],
  ])('puts, whole, %s that took the place of a file after it was looked at', async (_, content) => {
    const looked = await fileOf('anew', '{"version": 8, "by": "me"}');
    await fileOf('anew', content);
    await store.put('anew', looked);
    expect(await text(await store.read('anew'))).toBe(content);
    expect(await store.head('anew')).toEqual({ bytes: content.length, sha256: sha256(content) });
  });

  it('puts a file that has grown as it was', async () => {
    const looked = await fileOf('grown', 'line\n');
    await fileOf('grown', 'line\nand half');
    await store.put('grown', looked);
    expect(await text(await store.read('grown'))).toBe('line\n');
  });

  it('has the checksum of what is there, whoever of many wrote last', async () => {
    const files = await Promise.all(Array.from({ length: 12 }, (_, index) => fileOf(`by-${index}`, `by ${index}`)));
    await Promise.all(files.map((file) => store.put('contended', file)));
    const there = await text(await store.read('contended'));
    expect((await store.head('contended'))?.sha256).toBe(sha256(there));
  });

  it('lists by prefix, and knows what is not there', async () => {
    for (const key of ['list/b/1', 'list/b/2', 'list/bc', 'list/d', 'other'])
      await store.put(key, await fileOf('one', key));
    expect(await keysOf(store, 'list/b')).toEqual(['list/b/1', 'list/b/2', 'list/bc']);
    expect(await keysOf(store, 'list/b/')).toEqual(['list/b/1', 'list/b/2']);
    expect(await keysOf(store, 'nowhere/')).toEqual([]);
    await store.remove('list/b/1');
    await store.remove('list/b/1');
    expect(await store.head('list/b/1')).toBeNull();
    expect(await keysOf(store, 'list/')).toEqual(['list/b/2', 'list/bc', 'list/d']);
    expect(await fetchFile(store, 'list/b/1', path.join(root, 'there', 'none'))).toBe(false);
  });

  it('names the folders that are directly in one', async () => {
    for (const key of ['in/a 1/x', 'in/a 1/deep/y', 'in/b/x', 'in/file', 'inside/c/x'])
      await store.put(key, await fileOf('one', key));
    const names: string[] = [];
    for await (const name of store.folders('in')) names.push(name);
    expect(names.sort()).toEqual(['a 1', 'b']);
    for await (const name of store.folders('nowhere')) throw new Error(name);
  });

  it('lists more than a page of files', async () => {
    await store.put('many/0', await fileOf('one', 'x'));
    // Straight onto the server's disk: a thousand requests would take long.
    for (let number = 1; number <= 1004; number += 1) await writeFile(placeOf(`many/${number}`), 'x');
    expect(await keysOf(store, 'many/')).toHaveLength(1005);
  });

  it('lets one of many writers put a file that can be put only once', async () => {
    const writers = Array.from({ length: 8 }, (_, index) => store.putIfAbsent('once/1.json', `{"by":${index}}`));
    const first = (await Promise.all(writers)).indexOf(true);
    expect(await text(await store.read('once/1.json'))).toBe(`{"by":${first}}`);
    expect(await store.putIfAbsent('once/1.json', '{}')).toBe(false);
    expect((await store.head('once/1.json'))?.sha256).toBe(sha256(`{"by":${first}}`));
  });

  it('tells a stored file that has changed, and leaves nothing of it here', async () => {
    await store.put('damaged', await fileOf('one', 'weights'));
    await writeFile(placeOf('damaged'), 'weighs!');
    const into = path.join(root, 'damaged', 'into');
    await expect(fetchFile(store, 'damaged', into)).rejects.toMatchObject({
      problem: { type: 'StorageDamaged', where: `${store.uri}/damaged` },
    });
    expect(await readdir(path.dirname(into))).toEqual([]);
  });

  it('carries a large file, and asks only for the rest of one that broke off', async () => {
    const bytes = Buffer.concat([randomBytes(mebibyte), Buffer.alloc(65 * mebibyte)]);
    await store.put('large', await fileOf('large', bytes));
    const into = path.join(root, 'large', 'into');
    const draft = `${into}.${sha256(bytes).slice(0, 16)}.partial`;
    await writeWhole(draft, bytes.subarray(0, 65 * mebibyte));
    const asked: number[] = [];
    const watched: Store = Object.create(store, {
      read: {
        value: (key: string, options?: { from?: number }) => {
          asked.push(options?.from ?? 0);
          return store.read(key, options);
        },
      },
    });
    expect(await fetchFile(watched, 'large', into)).toBe(true);
    expect(asked).toEqual([65 * mebibyte]);
    expect(sha256(await readFile(into))).toBe(sha256(bytes));

    // Where what had arrived was of something else, all is asked for again.
    await writeWhole(draft, randomBytes(mebibyte));
    expect(await fetchFile(store, 'large', into)).toBe(true);
    expect((await stat(into)).size).toBe(bytes.length);
  });
}

describe('a store in a folder', () => {
  holdContract(async () => {
    const folder = path.join(root, 'folder');
    const store = await openStore(`${pathToFileURL(folder).href}/`);
    return { store, placeOf: (key) => path.join(folder, key) };
  });

  it('says when the folder can’t be used', async () => {
    await writeWhole(path.join(root, 'a-file'), '');
    const store = await openStore(pathToFileURL(path.join(root, 'a-file', 'below')).href);
    await expect(store.check()).rejects.toMatchObject({ problem: { type: 'StorageUnavailable', where: store.uri } });
  });
});

const s3 = noServer === null ? describe : describe.skip;
s3(`a store in a bucket${noServer === null ? '' : ` (skipped: ${noServer})`}`, () => {
  const before = { ...process.env };
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server(root);
    Object.assign(process.env, server.env);
  }, 300_000);
  afterAll(async () => {
    process.env = before;
    await server.stop();
  });

  holdContract(async () => {
    const store = await openStore('s3://anneal/team/project');
    return { store, placeOf: (key) => path.join(server.folder, 'anneal', 'team', 'project', key) };
  });

  it('is named as docs/storage.md shows it', async () => {
    const [shown] = snippets('sh').filter(({ of }) => of === 'store');
    const named = Object.fromEntries(
      [...(shown?.text.matchAll(/^export (\w+)=(\S+)/gm) ?? [])].map(([, name = '', value = '']) => [name, value]),
    );
    const { ANNEAL_STORE: uri = '', AWS_ENDPOINT_URL_S3: endpoint, ...credentials } = named;
    await mkdir(path.join(server.folder, 'models'));
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    Object.assign(process.env, credentials);
    await (await openStore(uri)).check();
    Object.assign(process.env, server.env);
  });

  it.each([
    ['a wrong secret', 's3://anneal', { AWS_SECRET_ACCESS_KEY: 'wrong' }, 'refuses the key: SignatureDoesNotMatch'],
    ['a wrong key', 's3://anneal', { AWS_ACCESS_KEY_ID: 'wrong' }, 'refuses the key: '],
    ['a bucket that is not there', 's3://nowhere', {}, 'There is no such bucket.'],
    ['no route', 's3://anneal', { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' }, "can't be reached"],
  ])('says what is wrong with %s', async (_, uri, wrong, says) => {
    Object.assign(process.env, server.env, wrong);
    const store = await openStore(uri);
    const failed = expect(store.check()).rejects.toMatchObject({
      problem: { type: 'StorageUnavailable', what: expect.stringContaining(says), where: expect.stringContaining(uri) },
    });
    await failed;
    Object.assign(process.env, server.env);
  });
});

it('refuses a place of another kind', async () => {
  await expect(openStore('gs://bucket')).rejects.toMatchObject({ problem: { type: 'InvalidInput' } });
});
