/** Members of a tar file, read by their headers only: ustar, GNU long names and pax (POSIX.1-2001, "pax Interchange Format"). */
import { problem } from '../../../config/problems.js';
import type { RandomBytes } from './randomBytes.js';

export interface TarMember {
  name: string;
  /** Where its first header begins, by which it is found again. */
  header: number;
  /** Where its content lies, in bytes. */
  offset: number;
  size: number;
  /** False for folders, links and devices. */
  isFile: boolean;
}

const blockBytes = 512;
/** Of a name or a pax header; a longer one is damage. */
const maximumHeaderBytes = 1024 * 1024;

const isBlank = (block: Buffer) => block.every((byte) => byte === 0);

/** True where a text begins with the header of a member: its checksum is right. */
export function isTar(start: Buffer): boolean {
  const block = start.subarray(0, blockBytes);
  return block.length === blockBytes && block[0] !== 0 && checksumOf(block) === octal(block.subarray(148, 156));
}

/** The sum of a header's bytes, its checksum field read as spaces. */
function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockBytes; at += 1) if (at < 148 || at >= 156) sum += block[at] as number;
  return sum;
}

/** All members in order; the last item is whether the end mark was there. Throws `DatasetInvalid` where the file is cut or broken. */
export async function* tarMembers(bytes: RandomBytes, named: string): AsyncGenerator<TarMember, boolean> {
  let at = 0;
  while (at + blockBytes <= bytes.size) {
    const member = await memberAt(bytes, at, named);
    if (member === null) return true;
    if (member.offset + member.size > bytes.size)
      throw broken(named, at, `The tar file ends in the middle of its member "${member.name}".`);
    yield member;
    at = member.offset + Math.ceil(member.size / blockBytes) * blockBytes;
  }
  if (at < bytes.size) throw broken(named, at, 'The tar file ends in the middle of a header.');
  return false;
}

/** The member whose first header begins there; null at the end mark. */
export async function memberAt(bytes: RandomBytes, header: number, named: string): Promise<TarMember | null> {
  let at = header;
  let longName: string | undefined;
  let pax = new Map<string, string>();
  for (;;) {
    const block = await bytes.read(at, blockBytes);
    if (block.length < blockBytes) throw broken(named, at, 'The tar file ends in the middle of a header.');
    if (isBlank(block)) return null;
    if (!isTar(block)) throw broken(named, at, 'The checksum of a tar header is wrong.');
    const type = block.toString('latin1', 156, 157);
    const size = pax.has('size') ? Number(pax.get('size')) : octal(block.subarray(124, 136));
    if (!Number.isSafeInteger(size) || size < 0) throw broken(named, at, 'A tar header holds no size.');
    const offset = at + blockBytes;
    if (!['L', 'K', 'x', 'g'].includes(type)) {
      // As `tar -c .` writes names: some members with it and some without are of one sample all the same.
      const name = (pax.get('path') ?? longName ?? shortName(block)).replace(/^(?:\.\/+)+/, '');
      return { name, header, offset, size, isFile: type === '0' || type === '\0' || type === '7' };
    }
    if (size > maximumHeaderBytes) throw broken(named, at, 'A tar header is longer than 1 MiB.');
    const content = await bytes.read(offset, size);
    if (type === 'L') longName = untilNul(content);
    if (type === 'x') pax = paxValues(content);
    at = offset + Math.ceil(size / blockBytes) * blockBytes;
  }
}

function shortName(block: Buffer): string {
  const name = untilNul(block.subarray(0, 100));
  // GNU tar writes other things where POSIX has the prefix.
  const posix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? untilNul(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Octal digits, or with the highest bit set a binary number, as GNU tar writes sizes from 8 GiB on. */
function octal(field: Buffer): number {
  if (((field[0] as number) & 0x80) !== 0) return Number(BigInt(`0x${field.subarray(1).toString('hex')}`));
  const digits = field.toString('latin1').replace(/[\0 ]+/g, '');
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** Lines of "length key=value", the length counting itself. */
function paxValues(content: Buffer): Map<string, string> {
  const values = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(content.toString('latin1', at, space));
    if (!(length > 0)) break;
    const [key = '', ...value] = content.toString('utf8', space + 1, at + length - 1).split('=');
    values.set(key, value.join('='));
    at += length;
  }
  return values;
}

function broken(named: string, at: number, what: string): Error {
  const todo = 'Copy the file again, or pack it anew: nothing after this place can be told.';
  return problem('DatasetInvalid', { what, where: `${named}, byte ${at}`, todo });
}
