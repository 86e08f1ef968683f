/** Values of Parquet columns as JSON would have them: nothing rounded, pictures carried, classes by their names. */
import type { FileMetaData, ParquetParsers, SchemaTree } from 'hyparquet';
import { parquetSchema } from 'hyparquet';
import { z } from 'zod';
import { RowFault } from '../faults.js';
import { CarriedPicture } from '../pictures/imageSource.js';

/** A text that is not UTF-8, until its row is refused. */
class BrokenText {}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string | BrokenText {
  try {
    return utf8.decode(bytes);
  } catch {
    return new BrokenText();
  }
}

/** Moments as ISO 8601 with every digit the file holds, where a `Date` would end at milliseconds. */
function moment(units: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((units % perSecond) + perSecond) % perSecond;
  const seconds = isoOf(Number((units - fraction) / perSecond) * 1000)?.slice(0, 19);
  if (seconds === undefined) return String(units);
  return fraction === 0n ? `${seconds}Z` : `${seconds}.${String(fraction).padStart(digits, '0')}Z`;
}

/** Undefined beyond the years that a `Date` knows. */
function isoOf(milliseconds: number): string | undefined {
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : undefined;
}

export const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (value) => moment(value, 3),
  timestampFromMicroseconds: (value) => moment(value, 6),
  timestampFromNanoseconds: (value) => moment(value, 9),
  dateFromDays: (days) => isoOf(days * 86_400_000)?.slice(0, 10) ?? String(days),
  stringFromBytes: (bytes) => bytes && textOf(bytes),
  jsonFromBytes: (bytes) => bytes && textOf(bytes),
};

/** Without the marks by which the reader would make a rounded number of a decimal. */
export function withoutDecimals(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (element.converted_type !== 'DECIMAL' && element.logical_type?.type !== 'DECIMAL') return element;
    const { converted_type: _, logical_type: __, ...raw } = element;
    return raw;
  });
  return { ...metadata, schema };
}

/** What the library `datasets` notes of a column under the metadata key `huggingface`. */
interface Feature {
  _type?: string | undefined;
  names?: string[] | undefined;
  /** Of a list. */
  item?: Feature | undefined;
  /** Of a struct. */
  fields?: Record<string, Feature> | undefined;
}

const Noted = z.object({ info: z.object({ features: z.record(z.string(), z.unknown()) }) });
const ClassLabel = z.object({ _type: z.literal('ClassLabel'), names: z.array(z.string()) });

/** Lists are written `[feature]`, or as `Sequence`, `List` or `LargeList` with a key `feature`. */
function featureOf(noted: unknown): Feature {
  if (Array.isArray(noted)) return { item: featureOf(noted[0]) };
  if (typeof noted !== 'object' || noted === null) return {};
  const classes = ClassLabel.safeParse(noted);
  if (classes.success) return classes.data;
  const { _type, feature, ...rest } = noted as Record<string, unknown>;
  if (typeof _type === 'string') return feature === undefined ? { _type } : { _type, item: featureOf(feature) };
  return { fields: Object.fromEntries(Object.entries(rest).map(([name, each]) => [name, featureOf(each)])) };
}

export interface Column {
  name: string;
  node: SchemaTree;
  feature: Feature;
}

export function columnsOf(metadata: FileMetaData): Column[] {
  const noted = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  const parsed = Noted.safeParse(noted === undefined ? undefined : parsedOrNothing(noted));
  const features = parsed.success ? parsed.data.info.features : {};
  return parquetSchema(metadata).children.map((node) => {
    const { name } = node.element;
    return { name, node, feature: featureOf(features[name]) };
  });
}

export function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Throws `RowFault` `encoding` or `classUnknown`, with the column's name. */
export function plainValue(value: unknown, { name, node, feature }: Column): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof BrokenText) throw new RowFault('encoding', `the column "${name}" is not UTF-8`);
  if (Array.isArray(value)) {
    const element = { name, node: elementOf(node), feature: feature.item ?? {} };
    return value.map((each) => plainValue(each, element));
  }
  if (feature.names) return className(value, feature.names, name);
  if (value instanceof Uint8Array) return bytesValue(value, node, feature);
  if (typeof value === 'object') return structValue(value as Record<string, unknown>, { name, node, feature });
  const { scale } = node.element;
  if (isDecimal(node) && (typeof value === 'bigint' || typeof value === 'number')) return decimal(BigInt(value), scale);
  if (isLocal(node) && typeof value === 'string') return value.replace(/Z$/, '');
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return node.element.type === 'FLOAT' && typeof value === 'number' ? shortest(value) : value;
}

/** -1 is how `datasets` writes that the class is not known. */
function className(value: unknown, names: string[], column: string): string | null {
  const index = Number(value);
  const name = names[index];
  if (name !== undefined) return name;
  if (index === -1) return null;
  throw new RowFault(
    'classUnknown',
    `"${column}" holds ${String(value)}, which is none of the ${names.length} classes`,
  );
}

function isDecimal({ element }: SchemaTree): boolean {
  return element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL';
}

/** A moment without a time zone, which `Z` would claim. */
function isLocal({ element: { logical_type: type } }: SchemaTree): boolean {
  return type?.type === 'TIMESTAMP' && !type.isAdjustedToUTC;
}

function decimal(units: bigint, scale = 0): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return units < 0n ? `-${text}` : text;
}

/** The shortest decimal that is the same 32-bit float: 0.1 rather than 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** How the pictures of the usual formats begin. */
const pictureStart = /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|II\*\0|MM\0\*|....ftyp(avif|heic|mif1))/s;

function bytesValue(bytes: Uint8Array, node: SchemaTree, feature: Feature): unknown {
  if (isDecimal(node)) return decimal(BigInt.asIntN(bytes.length * 8, bigEndian(bytes)), node.element.scale);
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (feature._type === 'Image' || pictureStart.test(start)) return carried(bytes, null);
  const text = textOf(bytes);
  return text instanceof BrokenText ? null : text;
}

function bigEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function carried(bytes: Uint8Array, name: string | null): CarriedPicture {
  return new CarriedPicture({ kind: 'bytes', bytes, name });
}

/** The struct of a picture: its bytes win, as its path is often that of another machine. */
function structValue(value: Record<string, unknown>, { name, node, feature }: Column): unknown {
  const { bytes, path } = value;
  if (isPictureNode(node)) {
    const named = typeof path === 'string' && path !== '' ? path : null;
    return bytes instanceof Uint8Array && bytes.length > 0 ? carried(bytes, named) : named;
  }
  const entries = Object.entries(value).map(([key, each]) => {
    const child = node.children.find(({ element }) => element.name === key) ?? node;
    // A `Sequence` of a struct is stored as a struct of lists.
    const below = (feature.fields ?? feature.item?.fields)?.[key] ?? {};
    const listed = feature.item?.fields !== undefined && Array.isArray(each);
    return [key, plainValue(each, { name: `${name}.${key}`, node: child, feature: listed ? { item: below } : below })];
  });
  return transposed(Object.fromEntries(entries));
}

/** A chat stored as one list of roles and one of texts, as messages again. */
function transposed(value: Record<string, unknown>): unknown {
  const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const isChat = ['from', 'role'].some((key) => Array.isArray(value[key]));
  if (!isChat || lists.length !== Object.keys(value).length) return value;
  const length = Math.max(...lists.map(([, list]) => list.length));
  return Array.from({ length }, (_, at) => Object.fromEntries(lists.map(([key, list]) => [key, list[at] ?? null])));
}

/** Of a picture: a struct of bytes and path and nothing else. */
export function isPictureNode({ children }: SchemaTree): boolean {
  const names = children.map(({ element }) => element.name).sort();
  return names.length === 2 && names[0] === 'bytes' && names[1] === 'path';
}

/** The node of a list's elements, in the form of three levels or an older one. */
export function elementOf(node: SchemaTree): SchemaTree {
  const [middle] = node.children;
  if (middle?.element.repetition_type !== 'REPEATED') return node;
  return middle.children.length === 1 && middle.children[0] ? middle.children[0] : middle;
}
