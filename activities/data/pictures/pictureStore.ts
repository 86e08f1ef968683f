/** The pictures of a dataset: each file decoded once, each content stored once under the digest of its pixels. */
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from '../../storage/files.js';
import { type DecodedPicture, decodePicture, encodePng } from './decodePicture.js';
import type { ImageSource } from './imageSource.js';
import type { PictureFiles } from './pictureFiles.js';
import { readHeader } from './pictureHeader.js';
import type { PictureLimits } from './pictureLimits.js';

export interface StoredPicture {
  /** Of size and pixels: equal pictures have equal digests, whatever their files. */
  digest: string;
  width: number;
  height: number;
  /** Range of the rule `sensorRange` for pictures deeper than 8 bits. */
  range: string | null;
  repairs: string[];
}

/** Larger pictures are decoded one at a time: 50 million pixels take about 400 MB until they are stored. */
const aloneAbovePixels = 4_000_000;

const suffixes: Record<string, string[]> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png'],
  webp: ['.webp'],
  gif: ['.gif'],
  tiff: ['.tif', '.tiff'],
  heif: ['.avif', '.heic', '.heif'],
};

export function pictureFileName(digest: string): string {
  return `images/${digest}.png`;
}

export class PictureStore {
  private readonly folder: string;
  private readonly files: PictureFiles;
  private readonly limits: PictureLimits;
  private readonly heartbeat: () => void;
  private readonly loaded = new Map<string, Promise<StoredPicture>>();
  private readonly stored = new Map<string, Promise<void>>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(options: { folder: string; files: PictureFiles; limits: PictureLimits; heartbeat: () => void }) {
    this.folder = options.folder;
    this.files = options.files;
    this.limits = options.limits;
    this.heartbeat = options.heartbeat;
  }

  /** Throws `RowFault` when the picture can't be used. `beside` is the folder of the record file. */
  async load(source: ImageSource, beside: string): Promise<StoredPicture> {
    if (source.kind === 'data') return this.store(Buffer.from(source.base64, 'base64'), null);
    if (source.kind === 'bytes') return this.store(Buffer.from(source.bytes), source.name);
    if (source.kind === 'slice') return this.store(await readSlice(source), source.name);
    const { file, mapped } = await this.files.find(source.path, beside);
    let loading = this.loaded.get(file);
    if (!loading) {
      loading = this.files.read(file).then((bytes) => this.store(bytes, file));
      this.loaded.set(file, loading);
    }
    const picture = await loading;
    return mapped ? { ...picture, repairs: [...picture.repairs, 'pathMapped'] } : picture;
  }

  /** Removes the pictures that only rejected rows showed. */
  async keepOnly(digests: ReadonlySet<string>): Promise<void> {
    for (const digest of this.stored.keys())
      if (!digests.has(digest)) await rm(path.join(this.folder, pictureFileName(digest)));
  }

  private async store(bytes: Buffer, file: string | null): Promise<StoredPicture> {
    const header = await readHeader(bytes, this.limits);
    const repairs: string[] = [];
    const known = suffixes[header.format];
    if (file && known && !known.includes(path.extname(file).toLowerCase())) repairs.push('formatByContent');
    if (header.orientation < 1 || header.orientation > 8) repairs.push('orientationUnknown');
    const work = async () => {
      const decoded = await decodePicture(bytes, header, this.limits);
      const digest = digestOf(decoded);
      await this.write(digest, decoded);
      this.heartbeat();
      const { width, height, range } = decoded;
      repairs.push(...decoded.repairs);
      if (range !== null) repairs.push('sensorRange');
      return { digest, width, height, range, repairs };
    };
    return header.width * header.height > aloneAbovePixels ? this.alone(work) : work();
  }

  private alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private write(digest: string, decoded: DecodedPicture): Promise<void> {
    let writing = this.stored.get(digest);
    if (!writing) {
      writing = encodePng(decoded).then((png) => writeWhole(path.join(this.folder, pictureFileName(digest)), png));
      this.stored.set(digest, writing);
    }
    return writing;
  }
}

function digestOf({ rgb, width, height }: DecodedPicture): string {
  return createHash('sha256').update(`${width}x${height}\n`).update(rgb).digest('hex');
}

async function readSlice({ file, offset, length }: { file: string; offset: number; length: number }): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
