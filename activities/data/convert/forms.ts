/** What an answer looks like, so that no option stands out by its form. */

/** Runs of digits, capitals and other letters as one sign each, spaces counted up to three: `AB 123` is `A 9`. */
export function formOf(answer: string): string {
  const words = answer.trim().split(/\s+/);
  if (words.length > 3) return `text of ${words.length < 7 ? 'some' : 'many'} words`;
  return words
    .join(' ')
    .replace(/\p{Lu}+/gu, 'A')
    .replace(/\p{L}+/gu, (run) => (run.startsWith('A') ? (run.length > 1 ? 'Aa' : 'A') : 'a'))
    .replace(/\p{N}+/gu, '9');
}

/** Within a fifth of the length, or two characters. */
export function nearInLength(one: string, other: string): boolean {
  return Math.abs(one.length - other.length) <= Math.max(2, 0.2 * Math.max(one.length, other.length));
}

/** An answer that is one number: what stands before and behind it, and the number as a whole count of its last place. */
export interface WrittenNumber {
  before: string;
  behind: string;
  /** Digits without separators and decimal sign; below 1e15. */
  count: number;
  decimals: number;
  decimal: string;
  /** Sign between groups of three; empty where there is none. */
  grouping: string;
}

/** Reads `€ 1,250.50` or `12 mm`; null for ranges, fractions, codes, words and what has leading zeros. */
export function writtenNumber(text: string, decimal: '.' | ','): WrittenNumber | null {
  const parts = /^([^\d]*?)(\d[\d.,'’ \u00a0\u202f]*\d|\d)([^\d]*)$/u.exec(text.trim());
  if (!parts) return null;
  const [, before = '', digits = '', behind = ''] = parts;
  if (/\p{L}/u.test(before) || /^[/:–-]/.test(behind)) return null;
  const [whole = '', fraction = '', more] = digits.split(decimal);
  if (more !== undefined || !/^\d*$/.test(fraction)) return null;
  const grouping = /\D/.exec(whole)?.[0] ?? '';
  const groups = grouping === '' ? [whole] : whole.split(grouping);
  const grouped = groups.every((group, index) => /^\d+$/.test(group) && (index === 0 || group.length === 3));
  if (!grouped || (groups.length > 1 && (groups[0] ?? '').length > 3)) return null;
  const plain = groups.join('');
  if (plain.length > 1 && plain.startsWith('0')) return null;
  const count = Number(plain + fraction);
  return count < 1e15 ? { before, behind, count, decimals: fraction.length, decimal, grouping } : null;
}

export function sizeOf({ count, decimals }: WrittenNumber): number {
  return count / 10 ** decimals;
}

/** What numbers must share to stand beside each other: signs, unit and places behind the decimal sign. */
export function numberForm({ before, behind, decimals }: WrittenNumber): string {
  return `${before}#${decimals}#${behind}`;
}

/** Writes another count as the number was written. */
export function writeLike({ before, behind, decimals, decimal, grouping }: WrittenNumber, count: number): string {
  const digits = String(count).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  const grouped = grouping === '' ? whole : whole.replace(/\B(?=(\d{3})+$)/g, grouping);
  return `${before}${grouped}${fraction === '' ? '' : decimal + fraction}${behind}`;
}
