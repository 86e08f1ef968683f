/** Changes that break data: of bytes, of the values in a record, of picture files. Decided by a seed. */
import type { Random } from '../lib/random.js';

/** What stands in no file that a person writes on purpose. */
const hostileTexts = [
  '"\\ud800"',
  '"\\u0000"',
  '1e999',
  '-0',
  '123456789012345678901234567890',
  '{"__proto__": {"x": 1}}',
  '[['.repeat(2000),
  '\ufeff',
  '\u2028',
  '\0',
  '"'.repeat(7),
  ',,,',
  '\r',
  '\n\n',
  '<image>',
  'data:image/png;base64,AAAA',
];

/** One mutation of a file's bytes. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return Buffer.from([random.whole(0, 255)]);
  const at = random.whole(0, bytes.length - 1);
  const length = random.whole(1, Math.max(1, Math.min(64, bytes.length - at)));
  const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
  const kinds = [
    () => flipped(bytes, random),
    () => Buffer.from(before),
    () => Buffer.concat([before, after]),
    () => Buffer.concat([before, cut, cut, after]),
    () => Buffer.concat([before, Buffer.from(random.of(hostileTexts)), bytes.subarray(at)]),
    () => Buffer.concat([before, Buffer.alloc(length, random.of([0, 0x20, 0xff, 0x80])), after]),
  ];
  return random.of(kinds)();
}

function flipped(bytes: Buffer, random: Random): Buffer {
  const mutated = Buffer.from(bytes);
  for (let count = random.whole(1, 8); count > 0; count -= 1) {
    const at = random.whole(0, bytes.length - 1);
    mutated[at] = (mutated[at] ?? 0) ^ (1 << random.whole(0, 7));
  }
  return mutated;
}

/** One mutation of a picture file; `other` is a file of another format. */
export function mutatePicture(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const kinds = [
    () => mutateBytes(bytes, random),
    () => flipped(bytes, random),
    () => bytes.subarray(0, random.whole(0, bytes.length)),
    // A header of one format on the data of another.
    () => Buffer.concat([other.subarray(0, random.of([4, 8, 16, 33])), bytes.subarray(random.of([4, 8, 16, 33]))]),
    () => Buffer.concat([bytes, other]),
    () => Buffer.alloc(random.whole(0, 40), random.whole(0, 255)),
    () => sized(bytes, random),
  ];
  return random.of(kinds)();
}

/** Another width or height where a PNG says it: mostly far from what its data holds. */
function sized(bytes: Buffer, random: Random): Buffer {
  const mutated = Buffer.from(bytes);
  if (mutated.length < 24) return mutated;
  mutated.writeUInt32BE(random.of([0, 1, 65_535, 0x7fffffff, 0xffffffff]), random.of([16, 20]));
  return mutated;
}

/** One mutation of a record's values: a key lost, renamed or doubled in another type, at any depth. */
export function mutateRecord(record: Record<string, unknown>, random: Random): Record<string, unknown> {
  const keys = Object.keys(record);
  const key = random.of(keys);
  const value = record[key];
  if (typeof value === 'object' && value !== null && random.chance(0.6))
    return {
      ...record,
      [key]: Array.isArray(value) ? mutateList(value, random) : mutateRecord({ x: 1, ...value }, random),
    };
  const { [key]: _, ...rest } = record;
  if (random.chance(0.2)) return rest;
  if (random.chance(0.15))
    return { ...rest, [random.of([...keys, '__proto__', 'constructor', '', 'x'.repeat(5000)])]: value };
  return { ...record, [key]: hostileValue(random) };
}

function mutateList(list: unknown[], random: Random): unknown[] {
  const at = random.whole(0, Math.max(0, list.length - 1));
  const item = list[at];
  const changed =
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? mutateRecord(item as Record<string, unknown>, random)
      : hostileValue(random);
  const kinds = [
    () => list.with(at, changed),
    () => [...list, ...list],
    () => list.toSpliced(at, 1),
    () => [hostileValue(random), ...list],
  ];
  return list.length === 0 ? [hostileValue(random)] : random.of(kinds)();
}

function hostileValue(random: Random): unknown {
  const values: (() => unknown)[] = [
    () => null,
    () => random.whole(-5, 5),
    () => 1e308,
    () => Number.MAX_SAFE_INTEGER * 8,
    () => true,
    () => [],
    () => ({}),
    () => [[], [{}], null],
    () => deep(random.of([5, 200, 3000])),
    () => '',
    () => ' \u200b\u2060 ',
    () => '\ud800',
    () => 'a\0b',
    () => 'x'.repeat(random.of([10, 3000, 200_000])),
    () => '<image>'.repeat(random.whole(1, 40)),
    () => '../../../../etc/passwd',
    () => '/dev/zero',
    () => 'file:///%00',
    () => 'file://host/share/a.png',
    () => 'http://127.0.0.1:1/a.png',
    () => 'data:image/png;base64,####',
    () => 'data:image/svg+xml;base64,PHN2Zy8+',
    () => ({ type: 'image', image: random.of([-1, 99, 1.5, 'x']) }),
    () => ({ url: { url: { url: { url: 'a.png' } } } }),
    () => `${'e\u0301'.repeat(50)}\u202e𠮷`,
  ];
  return random.of(values)();
}

function deep(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { content: value };
  return value;
}
