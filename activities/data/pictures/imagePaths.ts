/** Finds the file that a record names, however its path is written, and never outside the data folder. */
import type { Stats } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { quoted, RowFault } from '../faults.js';
import { Recent } from '../memory/recent.js';
import { orNotFound } from './readableFile.js';

export interface FoundImage {
  file: string;
  /** True when the path was of another machine, or in another case, and was mapped to the folder. */
  mapped: boolean;
}

interface ParsedPath {
  segments: string[];
  absolute: boolean;
}

/** Names in a folder, and by their composed and lower-case form where that is unambiguous. */
interface Folder {
  names: Set<string>;
  similar: Map<string, string[]>;
  /** Its pictures by their names without suffix; made when it is first asked for. */
  byStem: () => Map<string, string[]>;
}

const rememberedFolders = 1024;
const pictureSuffix = /\.(png|jpe?g|jpe|jfif|webp|gif|tiff?|avif|bmp|heic)$/i;

export class ImagePaths {
  private readonly root: string;
  private readonly folders = new Map<string, Promise<Folder | null>>();
  private readonly realFolders = new Recent<string, Promise<string>>(rememberedFolders);
  private readonly byBaseName = new Map<string, string>();

  constructor(root: string) {
    this.root = path.resolve(root);
  }

  /**
   * Finds a picture by a path relative to the root or to the folder of its record file, or by the tail that an absolute
   * path shares with the root. Throws `RowFault`: `imageNotFound`, `pathOutside`, `imageAmbiguous`.
   */
  async find(written: string, beside: string): Promise<FoundImage> {
    const parsed = parsePath(written);
    const found = parsed.absolute
      ? await this.byTail(parsed.segments, written)
      : await this.relative(parsed, written, beside);
    // White space round a path comes from tables; a name that holds it has been looked for first.
    if (!found && written.trim() !== written) return this.find(written.trim(), beside);
    const unescaped = found ? null : withoutPercents(written);
    if (unescaped !== null) return { ...(await this.find(unescaped, beside)), mapped: true };
    if (!found) throw await this.notFound(parsed, written, beside);
    await this.assertInside(found.file, written);
    return found;
  }

  private async notFound(parsed: ParsedPath, written: string, beside: string): Promise<RowFault> {
    const several = written.split(/[;,|]/).map((each) => each.trim());
    const [like] = parsed.absolute ? [] : await this.alike(parsed, beside);
    const hint =
      several.length > 1 && several.every((each) => pictureSuffix.test(each))
        ? `; it names ${several.length} pictures: write them as a list, ["a.png", "b.png"]`
        : like === undefined
          ? ''
          : `; there is ${quoted(like.name)}`;
    return new RowFault('imageNotFound', `${quoted(written, 200)} is not in the data folder${hint}`);
  }

  private async relative({ segments }: ParsedPath, written: string, beside: string): Promise<FoundImage | null> {
    const fromRoot = normalise(segments);
    const besideSegments = this.inside(beside) ? segmentsOf(path.relative(this.root, beside)) : [];
    const fromBeside = normalise([...besideSegments, ...segments]);
    if (!fromRoot && !fromBeside)
      throw new RowFault('pathOutside', `${quoted(written, 200)} climbs out of the data folder`);
    for (const candidate of [fromRoot, fromBeside]) {
      const found = candidate && (await this.walk(candidate));
      if (found) return found;
    }
    return (
      (fromRoot && (await this.withoutDoubledPrefix(fromRoot))) ??
      this.withSuffix({ segments, absolute: false }, beside)
    );
  }

  /** Tables often name pictures without a suffix: nothing else can be meant where one picture alone has that name. */
  private async withSuffix(parsed: ParsedPath, beside: string): Promise<FoundImage | null> {
    if (pictureSuffix.test(parsed.segments.at(-1) ?? '')) return null;
    const [like, other] = await this.alike(parsed, beside);
    return like && !other ? { file: path.join(like.folder, like.name), mapped: true } : null;
  }

  /** Pictures of that name but for the suffix, where the path says, from the root or beside the records. */
  private async alike({ segments }: ParsedPath, beside: string): Promise<{ folder: string; name: string }[]> {
    const stem = (segments.at(-1) ?? '').replace(pictureSuffix, '');
    const places = new Set([this.root, beside].filter((each) => this.inside(each)));
    for (const place of places) {
      const within = normalise([...segmentsOf(path.relative(this.root, place)), ...segments.slice(0, -1)]);
      const folder = within && path.join(this.root, ...within);
      const names = folder === null ? [] : ((await this.list(folder))?.byStem().get(stem) ?? []);
      if (folder !== null && names.length > 0) return names.map((name) => ({ folder, name }));
    }
    return [];
  }

  /** "data/images/a.png" where the root is already ".../data": the doubled part is dropped. */
  private async withoutDoubledPrefix(segments: string[]): Promise<FoundImage | null> {
    const own = segmentsOf(this.root);
    for (let length = 1; length < segments.length; length += 1) {
      if (segments.slice(0, length).join('/') !== own.slice(-length).join('/')) continue;
      const found = await this.walk(segments.slice(length));
      if (found) return { ...found, mapped: true };
    }
    return null;
  }

  /**
   * The longest tail whose first name exists in the root decides; a shorter one might be another picture.
   * The bare file name counts only as long as no other folder claims the same one.
   */
  private async byTail(segments: string[], written: string): Promise<FoundImage | null> {
    const normal = normalise(segments);
    if (!normal) throw new RowFault('pathOutside', `${quoted(written, 200)} climbs out of the data folder`);
    const own = segmentsOf(this.root);
    if (own.every((segment, index) => normal[index] === segment)) return this.walk(normal.slice(own.length));
    for (const [index, segment] of normal.entries()) {
      if (!(await this.nameIn(this.root, segment))) continue;
      if (index === normal.length - 1) this.claimBaseName(segment, normal.slice(0, -1).join('/'), written);
      const found = await this.walk(normal.slice(index));
      return found && { ...found, mapped: true };
    }
    return null;
  }

  private claimBaseName(name: string, folder: string, written: string): void {
    const before = this.byBaseName.get(name);
    if (before !== undefined && before !== folder)
      throw new RowFault('imageAmbiguous', `${quoted(written, 200)} and a path in another folder end in the same name`);
    this.byBaseName.set(name, folder);
  }

  /** By its exact name where there is such a file; only else are folders listed, which takes memory with their size. */
  private async walk(segments: string[]): Promise<FoundImage | null> {
    if (segments.length === 0) return null;
    const exact = path.join(this.root, ...segments);
    if ((await lstatOrNull(exact))?.isFile()) return { file: exact, mapped: false };
    let file = this.root;
    let mapped = false;
    for (const segment of segments) {
      const name = await this.nameIn(file, segment);
      if (name === undefined) return null;
      mapped ||= name.normalize('NFC') !== segment.normalize('NFC');
      file = path.join(file, name);
    }
    return { file, mapped };
  }

  /** The name in a folder that equals this one exactly, by normal form, or but for its case. */
  private async nameIn(folder: string, segment: string): Promise<string | undefined> {
    const listed = await this.list(folder);
    if (!listed) return undefined;
    if (listed.names.has(segment)) return segment;
    const similar = listed.similar.get(folded(segment)) ?? [];
    const equal = similar.filter((name) => name.normalize('NFC') === segment.normalize('NFC'));
    return equal[0] ?? (similar.length === 1 ? similar[0] : undefined);
  }

  private list(folder: string): Promise<Folder | null> {
    let listed = this.folders.get(folder);
    if (!listed) {
      listed = listFolder(folder);
      this.folders.set(folder, listed);
    }
    return listed;
  }

  private realFolder(folder: string): Promise<string> {
    return this.realFolders.get(folder, () => orNotFound(realpath(folder)));
  }

  private inside(file: string): boolean {
    return file === this.root || file.startsWith(this.root + path.sep);
  }

  private async assertInside(file: string, written: string): Promise<void> {
    const root = await this.realFolder(this.root);
    const isLink = (await lstatOrNull(file))?.isSymbolicLink() ?? true;
    const real = isLink
      ? await orNotFound(realpath(file))
      : path.join(await this.realFolder(path.dirname(file)), path.basename(file));
    if (!real.startsWith(root + path.sep))
      throw new RowFault('pathOutside', `${quoted(written, 200)} is a link that leaves the data folder`);
  }
}

async function lstatOrNull(file: string): Promise<Stats | null> {
  try {
    return await lstat(file);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EACCES', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return null;
    throw error;
  }
}

async function listFolder(folder: string): Promise<Folder | null> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    return orNotFound(Promise.reject(error));
  }
  const similar = new Map<string, string[]>();
  for (const name of names.sort()) similar.set(folded(name), [...(similar.get(folded(name)) ?? []), name]);
  let stems: Map<string, string[]> | undefined;
  return { names: new Set(names), similar, byStem: () => (stems ??= picturesByStem(names)) };
}

function picturesByStem(names: string[]): Map<string, string[]> {
  const stems = new Map<string, string[]>();
  for (const name of names) {
    if (!pictureSuffix.test(name)) continue;
    const stem = name.replace(pictureSuffix, '');
    stems.set(stem, [...(stems.get(stem) ?? []), name]);
  }
  return stems;
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function segmentsOf(written: string): string[] {
  return written.split(/[\\/]/).filter((segment) => segment !== '' && segment !== '.');
}

/** As Label Studio and web pages escape a path; null where it holds no escape, or one that is none. */
function withoutPercents(written: string): string | null {
  if (!/%[0-9a-f]{2}/i.test(written) || /^file:/i.test(written)) return null;
  try {
    const decoded = decodeURIComponent(written);
    return decoded === written ? null : decoded;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Per cent signs are decoded in file:// addresses at once, elsewhere where no file has the name as it is written. */
function parsePath(written: string): ParsedPath {
  if (written.includes('\0')) throw new RowFault('imageNotFound', 'the path holds a NUL');
  if (/^file:/i.test(written)) return { segments: segmentsOf(fromFileUri(written)), absolute: true };
  const drive = /^[A-Za-z]:(?=[\\/])/.exec(written)?.[0] ?? '';
  const local = written.slice(drive.length);
  return { segments: segmentsOf(local), absolute: drive !== '' || /^[\\/]/.test(local) };
}

function fromFileUri(written: string): string {
  try {
    return fileURLToPath(written);
  } catch (error) {
    throw new RowFault('imageNotFound', `${quoted(written, 200)} is not a file address`, { cause: error });
  }
}

/** The path without "..", or null when it climbs above its beginning. */
function normalise(segments: string[]): string[] | null {
  const normal: string[] = [];
  for (const segment of segments) {
    if (segment !== '..') normal.push(segment);
    else if (normal.pop() === undefined) return null;
  }
  return normal;
}
