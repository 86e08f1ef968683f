/** The pictures of a dataset: each file decoded once, each content stored once under the digest of its pixels. */
import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { noSpace } from '../../storage/files.js';
import { quoted, RowFault } from '../faults.js';
import { HashMap64, hash64OfHex } from '../memory/hashMap64.js';
import { Recent } from '../memory/recent.js';
import { type DecodedPicture, decodePicture, encodePng } from './decodePicture.js';
import type { FetchedPictures } from './fetchedPictures.js';
import { fingerprintOf, writeFingerprint } from './fingerprint.js';
import type { ImageSource } from './imageSource.js';
import type { FileFacts, PictureFiles, SeenFile } from './pictureFiles.js';
import { readHeader } from './pictureHeader.js';
import type { PictureLimits } from './pictureLimits.js';

export interface StoredPicture {
  /** Of size and pixels: equal pictures have equal digests, whatever their files. */
  digest: string;
  width: number;
  height: number;
  /** Size of the stored file. */
  bytes: number;
  /** Range of the rule `sensorRange` for pictures deeper than 8 bits. */
  range: string | null;
  /** Perceptual fingerprint, as text. */
  print: string;
  repairs: string[];
}

/** Larger pictures are decoded one at a time: 50 million pixels take about 400 MB until they are stored. */
const aloneAbovePixels = 4_000_000;
/** Files whose outcome is remembered, since many rows often share a few pictures. */
const rememberedFiles = 4096;

const suffixes: Record<string, string[]> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png'],
  webp: ['.webp'],
  gif: ['.gif'],
  tiff: ['.tif', '.tiff'],
  heif: ['.avif', '.heic', '.heif'],
};

/** Relative to the dataset folder. Folders by the first two digits keep each of them small. */
export function pictureFileName(digest: string): string {
  return `images/${digest.slice(0, 2)}/${digest}.png`;
}

type Loaded = { facts: FileFacts } & ({ picture: StoredPicture } | { fault: RowFault });

export interface PictureStoreOptions {
  folder: string;
  files: PictureFiles;
  /** Null: nothing is fetched from the web. */
  web: FetchedPictures | null;
  limits: PictureLimits;
  heartbeat: () => void;
}

export class PictureStore {
  private readonly folder: string;
  private readonly files: PictureFiles;
  private readonly limits: PictureLimits;
  private readonly heartbeat: () => void;
  private readonly web: FetchedPictures | null;
  private readonly loaded = new Recent<string, Promise<Loaded>>(rememberedFiles);
  /** Sizes of the stored files by the digests of their pictures. */
  private readonly stored = new HashMap64();
  private readonly storing = new Map<string, Promise<number>>();
  private readonly folders = new Set<string>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(options: PictureStoreOptions) {
    this.folder = options.folder;
    this.files = options.files;
    this.limits = options.limits;
    this.heartbeat = options.heartbeat;
    this.web = options.web;
  }

  /** Takes note of a picture that an earlier attempt stored. */
  know({ digest, bytes }: Pick<StoredPicture, 'digest' | 'bytes'>): void {
    this.stored.set(hash64OfHex(digest), bytes);
  }

  /**
   * `beside` is the folder of the record file; the files that were looked for are added to `seen`. Throws `RowFault` when
   * the picture can't be used.
   */
  async load(source: ImageSource, beside: string, seen: SeenFile[]): Promise<StoredPicture> {
    if (source.kind === 'data') return this.store(Buffer.from(source.base64, 'base64'), null);
    if (source.kind === 'bytes') return this.store(Buffer.from(source.bytes), source.name);
    if (source.kind === 'url') return this.store(await this.fetched(source.url), null);
    if (source.kind === 'slice') return this.store(await readSlice(source), source.name);
    let facts: FileFacts = null;
    try {
      const { file, mapped } = await this.files.find(source.path, beside);
      const loaded = await this.loaded.get(file, () => this.loadFile(file));
      facts = loaded.facts;
      if ('fault' in loaded) throw loaded.fault;
      const { picture } = loaded;
      return mapped ? { ...picture, repairs: [...picture.repairs, 'pathMapped'] } : picture;
    } finally {
      seen.push(this.files.seen(source.path, beside, facts));
    }
  }

  /** Stores a picture that was made from stored ones. */
  async keep(picture: DecodedPicture): Promise<{ digest: string; bytes: number }> {
    const digest = digestOf(picture);
    const bytes = await this.write(digest, picture);
    this.heartbeat();
    return { digest, bytes };
  }

  private async fetched(url: string): Promise<Buffer> {
    if (this.web === null) throw new RowFault('imageRemote', `${quoted(url)} is an address on a network`);
    return this.web.get(url);
  }

  private async loadFile(file: string): Promise<Loaded> {
    let facts: FileFacts = null;
    try {
      const read = await this.files.read(file);
      facts = read.facts;
      return { facts, picture: await this.store(read.bytes, file) };
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      return { facts, fault: error };
    }
  }

  private async store(content: Buffer, name: string | null): Promise<StoredPicture> {
    const header = await readHeader(content, this.limits);
    const repairs: string[] = [];
    const known = suffixes[header.format];
    if (name && known && !known.includes(path.extname(name).toLowerCase())) repairs.push('formatByContent');
    if (header.orientation < 1 || header.orientation > 8) repairs.push('orientationUnknown');
    const work = async () => {
      const decoded = await decodePicture(content, header, this.limits);
      const digest = digestOf(decoded);
      const print = writeFingerprint(fingerprintOf(decoded));
      const bytes = await this.write(digest, decoded);
      this.heartbeat();
      const { width, height, range } = decoded;
      repairs.push(...decoded.repairs);
      if (range !== null) repairs.push('sensorRange');
      return { digest, width, height, bytes, range, print, repairs };
    };
    return header.width * header.height > aloneAbovePixels ? this.alone(work) : work();
  }

  private alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** Stores the picture unless it is there; returns the size of its file. */
  private async write(digest: string, decoded: DecodedPicture): Promise<number> {
    const known = this.stored.get(hash64OfHex(digest));
    if (known !== -1) return known;
    let storing = this.storing.get(digest);
    if (!storing) {
      storing = this.writePng(digest, decoded).finally(() => this.storing.delete(digest));
      this.storing.set(digest, storing);
    }
    return storing;
  }

  /** Written in place: a file that a kill cut is written anew, since no whole window speaks of it. */
  private async writePng(digest: string, decoded: DecodedPicture): Promise<number> {
    const png = await encodePng(decoded);
    const file = path.join(this.folder, pictureFileName(digest));
    const folder = path.dirname(file);
    try {
      if (!this.folders.has(folder)) await mkdir(folder, { recursive: true });
      this.folders.add(folder);
      await writeFile(file, png);
    } catch (error) {
      throw noSpace(error, file) ?? error;
    }
    this.know({ digest, bytes: png.length });
    return png.length;
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
