/** Uploads: small files in one request, large ones in parts, of which those that the store has already are not sent again. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type Part,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { sha256 } from '../files.js';
import type { Outgoing } from '../store.js';
import { Allotment } from './allotment.js';

interface ObjectPlace {
  Bucket: string;
  Key: string;
}

const mebibyte = 1024 * 1024;
/** From so many bytes on a file goes in parts. */
export const partsFromBytes = 64 * mebibyte;
const partBytes = 16 * mebibyte;
/** S3 takes so many parts at most. */
const mostParts = 10_000;
const partsAtOnce = 4;
/** What all uploads of this process hold in memory together, in bytes; a file that goes whole is smaller. */
const memory = new Allotment(256 * mebibyte);

export async function uploadWhole(
  client: S3Client,
  place: ObjectPlace,
  file: Outgoing,
  signal?: AbortSignal,
): Promise<void> {
  await memory.holding(file.bytes, async () => {
    const read = createReadStream(file.path, { end: Math.max(0, file.bytes - 1) });
    const wanted = file.bytes === 0 ? Buffer.alloc(0) : await buffer(read);
    // One that was written anew since it was looked at is sent as it is now, whole.
    const Body = sha256(wanted) === file.sha256 ? wanted : await readFile(file.path);
    const digest = sha256(Body);
    const ChecksumSHA256 = Buffer.from(digest, 'hex').toString('base64');
    const command = new PutObjectCommand({ ...place, Body, ChecksumSHA256, Metadata: { sha256: digest } });
    await client.send(command, signal ? { abortSignal: signal } : {});
  });
}

/** Goes on with an upload that another attempt began, if every part of it is a part of this file. */
export async function uploadInParts(
  client: S3Client,
  place: ObjectPlace,
  file: Outgoing,
  signal?: AbortSignal,
): Promise<void> {
  const [begun] = await uploadsBegun(client, place);
  if (begun !== undefined && (await finishUpload(client, { ...place, UploadId: begun }, file, signal))) {
    const { Metadata } = await client.send(new HeadObjectCommand(place));
    if (Metadata?.['sha256'] === file.sha256) return;
  }
  const { UploadId = '' } = await client.send(
    new CreateMultipartUploadCommand({ ...place, Metadata: { sha256: file.sha256 } }),
  );
  await finishUpload(client, { ...place, UploadId }, file, signal);
}

async function uploadsBegun(client: S3Client, { Bucket, Key }: ObjectPlace): Promise<string[]> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
  return Uploads.flatMap((upload) => (upload.Key === Key && upload.UploadId ? [upload.UploadId] : []));
}

/** Gives up what was begun of an object that nobody will send the rest of: its parts are paid for until then. */
export async function abandonUploads(client: S3Client, place: ObjectPlace): Promise<void> {
  for (const UploadId of await uploadsBegun(client, place))
    await client.send(new AbortMultipartUploadCommand({ ...place, UploadId }));
}

type Upload = ObjectPlace & { UploadId: string };

/** False, and the upload is gone, when a part of it is of another file. */
async function finishUpload(client: S3Client, upload: Upload, file: Outgoing, signal?: AbortSignal): Promise<boolean> {
  const arrived = await partsOf(client, upload);
  const size = Math.max(partBytes, Math.ceil(file.bytes / mostParts));
  const numbers = Array.from({ length: Math.ceil(file.bytes / size) }, (_, index) => index + 1);
  let foreign = false;
  const send = async (PartNumber: number): Promise<CompletedPart> => {
    const start = (PartNumber - 1) * size;
    const Body = await buffer(createReadStream(file.path, { start, end: Math.min(start + size, file.bytes) - 1 }));
    const before = arrived.get(PartNumber);
    if (before !== undefined && before === md5(Body)) return { PartNumber, ETag: `"${before}"` };
    if (before !== undefined) foreign = true;
    if (foreign) return { PartNumber };
    const options = signal ? { abortSignal: signal } : {};
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }), options);
    return { PartNumber, ...(ETag === undefined ? {} : { ETag }) };
  };
  const held = (number: number) => memory.holding(size, () => send(number));
  const Parts = await pMap(numbers, held, { concurrency: partsAtOnce });
  if (foreign) await client.send(new AbortMultipartUploadCommand(upload));
  else await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  return !foreign;
}

/** MD5 by number, which is the ETag of a part. A store that encrypts tells another one: then the upload begins anew. */
async function partsOf(client: S3Client, upload: Upload): Promise<Map<number, string>> {
  const arrived: Part[] = [];
  for (let after: string | undefined; ; ) {
    const marker = after === undefined ? {} : { PartNumberMarker: after };
    const page = await client.send(new ListPartsCommand({ ...upload, ...marker }));
    arrived.push(...(page.Parts ?? []));
    if (!page.IsTruncated) break;
    after = page.NextPartNumberMarker;
  }
  return new Map(arrived.map(({ PartNumber = 0, ETag = '' }) => [PartNumber, ETag.replaceAll('"', '')]));
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
