/** A large upload that breaks off goes on where it was, against a real S3 server. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { fetchFile } from '../../../activities/storage/fetchFile.js';
import { sha256, writeWhole } from '../../../activities/storage/files.js';
import { S3Store } from '../../../activities/storage/s3/s3Store.js';
import { noServer, type S3Server, startS3Server } from './versitygw.js';

const mebibyte = 1024 * 1024;

interface Watched {
  store: S3Store;
  /** Numbers of the parts that were sent. */
  parts: number[];
  /** Waits for those that were under way when another broke off. */
  settled(): Promise<unknown>;
}

const s3 = noServer === null ? describe : describe.skip;

s3(`a large upload${noServer === null ? '' : ` (skipped: ${noServer})`}`, () => {
  let root: string;
  let server: S3Server;
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'anneal-upload-'));
    server = await startS3Server(root);
  }, 300_000);
  afterAll(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });

  /** A store, and which parts it sends; the connection breaks for good when `most` of them have been. */
  function watchedStore(most = Number.POSITIVE_INFINITY): Watched {
    const { AWS_ENDPOINT_URL_S3: endpoint = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = server.env;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1, credentials });
    const parts: number[] = [];
    const underWay: Promise<unknown>[] = [];
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== 'UploadPartCommand') return next(args);
          if (parts.length >= most) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
          parts.push((args.input as { PartNumber: number }).PartNumber);
          const sending = next(args);
          underWay.push(sending);
          return sending;
        },
      { step: 'initialize' },
    );
    const store = new S3Store('s3://anneal', client, { bucket: 'anneal', prefix: '' });
    return { store, parts, settled: () => Promise.all(underWay) };
  }

  it('sends only the parts that have not arrived', async () => {
    const bytes = randomBytes(100 * mebibyte);
    const file = { path: path.join(root, 'model'), bytes: bytes.length, sha256: sha256(bytes) };
    await writeWhole(file.path, bytes);
    const cut = watchedStore(3);
    await expect(cut.store.put('model', file)).rejects.toMatchObject({
      problem: { type: 'StorageUnavailable', what: expect.stringContaining("can't be reached") },
    });
    await cut.settled();
    expect(await cut.store.head('model')).toBeNull();

    const again = watchedStore();
    await again.store.put('model', file);
    expect([...cut.parts, ...again.parts].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await fetchFile(again.store, 'model', path.join(root, 'back'))).toBe(true);
  });

  it('that nobody will finish is given up', async () => {
    const bytes = randomBytes(70 * mebibyte);
    const file = { path: path.join(root, 'gone'), bytes: bytes.length, sha256: sha256(bytes) };
    await writeWhole(file.path, bytes);
    const cut = watchedStore(2);
    await expect(cut.store.put('gone', file)).rejects.toThrow();
    await cut.settled();
    await cut.store.abandon('gone');
    const again = watchedStore();
    await again.store.put('gone', file);
    expect(again.parts.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('begins anew where another file’s upload was begun', async () => {
    const one = randomBytes(70 * mebibyte);
    const other = randomBytes(70 * mebibyte);
    const place = (bytes: Buffer) => ({ path: path.join(root, 'other'), bytes: bytes.length, sha256: sha256(bytes) });
    await writeWhole(path.join(root, 'other'), one);
    const cut = watchedStore(2);
    await expect(cut.store.put('other', place(one))).rejects.toThrow();
    await cut.settled();
    await writeWhole(path.join(root, 'other'), other);
    const { store } = watchedStore();
    await store.put('other', place(other));
    expect(await store.head('other')).toEqual({ bytes: other.length, sha256: sha256(other) });
    expect(await fetchFile(store, 'other', path.join(root, 'back'))).toBe(true);
  });
});
