import { isUnit } from './units.js';

/** A number, or a range of two, with the unit that stands behind it. */
export interface Quantity {
  low: number;
  high: number;
  unit: string | null;
}
export type Decimal = '.' | ',';

const words =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** Number words up to ninety-nine. */
function spelled(text: string): number | null {
  const [first = '', second, more] = text.toLowerCase().split(/[- ]/);
  if (more !== undefined) return null;
  const ten = (tens.indexOf(first) + 2) * 10;
  if (second === undefined) return words.includes(first) ? words.indexOf(first) : tens.includes(first) ? ten : null;
  const one = words.indexOf(second);
  return tens.includes(first) && one > 0 && one < 10 ? ten + one : null;
}

/** How numbers are written by each convention, and the signs between thousands. */
const conventions = Object.fromEntries(
  (['.', ','] as const).map((decimal) => {
    const thousands = decimal === '.' ? ',' : '\\.';
    const point = decimal === '.' ? '\\.' : ',';
    const whole = `(?:\\d{1,3}(?:(?:${thousands}|[ '’])\\d{3})+|\\d+)`;
    const number = new RegExp(`^[+-]?(?:${whole}(?:${point}\\d*)?|${point}\\d+)(?:[eE][+-]?\\d+)?$`);
    return [decimal, { number, separators: new RegExp(`${thousands}|[ '’]`, 'g') }];
  }),
) as Record<Decimal, { number: RegExp; separators: RegExp }>;

/** Digits with thousands separators and decimals by the declared convention; null when they break it. */
function digits(text: string, decimal: Decimal): number | null {
  const { number, separators } = conventions[decimal];
  if (!number.test(text)) return null;
  const value = Number(text.replace(separators, '').replace(',', '.'));
  return Number.isFinite(value) ? value : null;
}

function fraction(text: string): number | null {
  const parts = /^([+-]?)(?:(\d+) )?(\d+)\/(\d+)$/.exec(text);
  if (!parts || Number(parts[4]) === 0) return null;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2] ?? 0) + Number(parts[3]) / Number(parts[4]));
}

/** One number; `ambiguous` when only the other decimal convention could read it. */
function numberOf(text: string, decimal: Decimal): number | 'ambiguous' | null {
  const value = digits(text, decimal) ?? fraction(text) ?? spelled(text);
  if (value !== null) return value;
  return digits(text, decimal === '.' ? ',' : '.') === null ? null : 'ambiguous';
}

/** NFKC, one kind of minus, in words too, and of fraction bar, single spaces. */
export function plainQuantity(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\b(?:minus|negative)\s+(?=\d)/gi, '-')
    .replace(/\u2044/g, '/')
    .trim()
    .replace(/\s+/g, ' ');
}

/** Splits off what looks like a unit: letters, signs of currency, degrees or per cent at either end. */
function splitUnit(text: string): { body: string; unit: string | null } {
  const before = /^([€$£¥])\s*(.*)$/.exec(text);
  if (before) return { body: before[2] ?? '', unit: before[1] ?? null };
  const behind =
    /^(.*?[\d.])\s*([°%‰€$£¥"µμ\p{L}][\p{L}°/²³0-9]*)$/u.exec(text) ?? /^(.*?\p{L})\s+([%‰]|\p{L}+)$/u.exec(text);
  if (!behind) return { body: text, unit: null };
  return { body: behind[1] ?? '', unit: behind[2] ?? null };
}

function bodyOf(body: string, decimal: Decimal): { low: number; high: number } | 'ambiguous' | null {
  const single = numberOf(body, decimal);
  if (single === 'ambiguous') return single;
  if (single !== null) return { low: single, high: single };
  const ends = /^(.+?)\s*(?:-|to|\.\.)\s*(\S+)$/.exec(body);
  if (!ends) return null;
  const low = numberOf(ends[1] ?? '', decimal);
  const high = numberOf(ends[2] ?? '', decimal);
  if (low === 'ambiguous' || high === 'ambiguous') return 'ambiguous';
  return low === null || high === null ? null : { low, high };
}

/** Reads a text that is a quantity and nothing else; null when it is not one. */
export function readQuantity(text: string, decimal: Decimal): Quantity | 'ambiguous' | null {
  const plain = plainQuantity(text);
  const bare = bodyOf(plain, decimal);
  if (bare === 'ambiguous') return bare;
  if (bare !== null) return { ...bare, unit: null };
  const { body, unit } = splitUnit(plain);
  const range = unit === null ? null : bodyOf(body, decimal);
  return range === null || range === 'ambiguous' ? range : { ...range, unit };
}

const hedges =
  /\b(?:about|approx(?:imately|\.)?|around|roughly|circa|nearly|almost|maybe|perhaps|between|or|not|less|more|over|under|above|below|at least|at most|up to)\b|[~≈<>≤≥±?]/i;

/** The only quantity inside a sentence; `ambiguous` when it is hedged or not the only one; null when there is none. */
export function findQuantity(text: string, decimal: Decimal): Quantity | 'ambiguous' | null {
  const plain = plainQuantity(text);
  const numbers = plain.match(/(?<![\p{L}\d.,])-?\d+(?:[.,]\d+)*(?:\/\d+)?/gu) ?? [];
  const [only] = numbers;
  if (only === undefined) return null;
  // A dash before the number may be its sign or the mark of a list.
  if (numbers.length > 1 || hedges.test(plain) || /^-\s/.test(plain)) return 'ambiguous';
  const follows = /^\s*([^\s.,;:!?]+)/.exec(plain.slice(plain.indexOf(only) + only.length))?.[1];
  return readQuantity(follows !== undefined && isUnit(follows) ? `${only} ${follows}` : only, decimal);
}
