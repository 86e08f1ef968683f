/** A store in a bucket of S3 or of anything that speaks its protocol. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { problem } from '../../../config/problems.js';
import { sha256 } from '../files.js';
import type { Outgoing, Store, StoredFile } from '../store.js';
import { statusOf, storeFault } from './faults.js';
import { abandonUploads, partsFromBytes, uploadInParts, uploadWhole } from './upload.js';

interface Bucket {
  bucket: string;
  /** Before every key; ends with a slash unless it is empty. */
  prefix: string;
}

export class S3Store implements Store {
  readonly uri: string;
  private readonly client: S3Client;
  private readonly place: Bucket;

  constructor(uri: string, client: S3Client, place: Bucket) {
    this.uri = uri;
    this.client = client;
    this.place = place;
  }

  /** The client reads AWS_ENDPOINT_URL_S3, AWS_REGION and the usual credentials; it tries faults of the moment again. */
  static fromEnvironment(uri: string, place: Bucket): S3Store {
    const ownEndpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
    const region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
    const client = new S3Client({
      region,
      // Stores of one's own seldom have a host name a bucket.
      forcePathStyle: ownEndpoint !== undefined,
      maxAttempts: 5,
      // Every file is checked by its SHA-256, whole; other checksums are unknown to many stores.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    return new S3Store(uri, client, place);
  }

  async check(): Promise<void> {
    const key = `.check-${randomUUID()}`;
    await this.putIfAbsent(key, 'Anneal was here.');
    await this.remove(key);
    for await (const _ of this.list(key)) break;
  }

  async *list(prefix: string): AsyncGenerator<StoredFile> {
    for await (const { Contents = [] } of this.pages(prefix))
      for (const { Key = '', Size = 0 } of Contents)
        if (!Key.endsWith('/')) yield { key: Key.slice(this.place.prefix.length), bytes: Size };
  }

  async *folders(folder: string): AsyncGenerator<string> {
    for await (const { CommonPrefixes = [] } of this.pages(`${folder}/`, '/'))
      for (const { Prefix = '' } of CommonPrefixes) yield path.posix.basename(Prefix);
  }

  private async *pages(prefix: string, delimiter?: string): AsyncGenerator<ListObjectsV2CommandOutput> {
    const { bucket: Bucket, prefix: root } = this.place;
    const asked = { Bucket, Prefix: root + prefix, ...(delimiter ? { Delimiter: delimiter } : {}) };
    const pages = paginateListObjectsV2({ client: this.client }, asked);
    for (;;) {
      const page = await this.told(prefix, () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  }

  async head(key: string): Promise<{ bytes: number; sha256: string } | null> {
    try {
      const { ContentLength, Metadata } = await this.client.send(new HeadObjectCommand(this.objectOf(key)));
      return { bytes: ContentLength ?? 0, sha256: Metadata?.['sha256'] ?? this.notOurs(key) };
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw storeFault(error, `${this.uri}/${key}`);
    }
  }

  async read(key: string, { from = 0, signal }: { from?: number; signal?: AbortSignal } = {}): Promise<Readable> {
    const range = from > 0 ? { Range: `bytes=${from}-` } : {};
    const command = new GetObjectCommand({ ...this.objectOf(key), ...range });
    const answer = await this.told(key, () => this.client.send(command, abortedBy(signal)));
    return answer.Body as Readable;
  }

  async put(key: string, file: Outgoing, signal?: AbortSignal): Promise<void> {
    const upload = file.bytes < partsFromBytes ? uploadWhole : uploadInParts;
    await this.told(key, () => upload(this.client, this.objectOf(key), file, signal));
  }

  async putIfAbsent(key: string, content: string): Promise<boolean> {
    const once = { IfNoneMatch: '*', Body: content, Metadata: { sha256: sha256(content) } };
    try {
      await this.client.send(new PutObjectCommand({ ...this.objectOf(key), ...once }));
      return true;
    } catch (error) {
      // 409: another writer is at it at this moment, and will be there.
      if (statusOf(error) === 412 || statusOf(error) === 409) return false;
      throw storeFault(error, `${this.uri}/${key}`);
    }
  }

  async remove(key: string): Promise<void> {
    await this.told(key, () => this.client.send(new DeleteObjectCommand(this.objectOf(key))));
  }

  async abandon(key: string): Promise<void> {
    await this.told(key, () => abandonUploads(this.client, this.objectOf(key)));
  }

  private objectOf(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.place.bucket, Key: this.place.prefix + key };
  }

  private notOurs(key: string): never {
    throw problem('StorageDamaged', {
      what: 'The object has no checksum: something else than Anneal wrote it.',
      where: `${this.uri}/${key}`,
      todo: 'Remove it, or put it with the metadata "sha256"; a prefix of the bucket is to be Anneal’s alone.',
    });
  }

  private async told<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      throw storeFault(error, `${this.uri}/${key}`);
    }
  }
}

function abortedBy(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}
