/** Patterns of personal data in texts: a warning with counts and places. No value is ever kept or shown. */

export const personalKinds = ['email', 'phone', 'iban', 'card', 'nationalId'] as const;
export type PersonalKind = (typeof personalKinds)[number];

export interface PersonalPlace {
  kind: PersonalKind;
  /** How the value looks with all but its form taken away: `a…@….org`, `+49 … (12 digits)`. */
  masked: string;
}

interface Finder {
  kind: PersonalKind;
  pattern: RegExp;
  isOne: (digits: string, found: string) => boolean;
  mask: (found: string) => string;
}

/** In this order: what a finder takes is not looked at again, so that a card number is no phone number. */
const finders: Finder[] = [
  {
    kind: 'email',
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z\d](?:[a-z\d-]{0,62})\.){1,8}[a-z]{2,24}(?![\w-])/giu,
    isOne: (_, found) => !/@(?:[\w-]+\.)*example\.(?:com|org|net)$/i.test(found),
    mask: () => '…@…',
  },
  {
    kind: 'iban',
    pattern: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?:[ ]?[A-Z\d]{4}){2,7}(?:[ ]?[A-Z\d]{1,4})?(?![\p{L}\p{N}])/gu,
    isOne: (_, found) => isIban(found.replaceAll(' ', '')),
    mask: (found) => `${found.slice(0, 2)}…`,
  },
  {
    kind: 'card',
    pattern: /(?<![\p{L}\p{N}.,-])[2-6](?:[ -]?\d){12,18}(?![\p{L}\p{N}]|[.,]\d)/gu,
    isOne: (digits) => isCard(digits),
    mask: (found) => `… (${digitsOf(found).length} digits)`,
  },
  {
    kind: 'nationalId',
    pattern:
      /(?<![\p{L}\p{N}.,-])(?:\d{3}-\d{2}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|\d{8}-?[A-Z]|[12]\d{12}(?: ?\d{2})?)(?![\p{L}\p{N}-])/gu,
    isOne: (_, found) => isNationalId(found),
    mask: (found) => `… (${found.length} characters)`,
  },
  {
    kind: 'phone',
    pattern:
      /(?<![\p{L}\p{N}.,/-]|\d )(?:\+|00(?=\d{1,3}[ ./-]))[1-9]\d{0,2}(?:[ ./-]?\(?\d{1,5}\)?){2,6}(?![\p{L}\p{N}]|[.,]\d)/gu,
    isOne: (digits) => digits.length >= 9 && digits.length <= 17,
    mask: (found) => `… (${digitsOf(found).length} digits)`,
  },
];

/** What a text holds, in the order of `personalKinds`. Numbers count only where their check digits are right. */
export function personalDataIn(text: string): PersonalPlace[] {
  const places: PersonalPlace[] = [];
  let rest = text;
  for (const { kind, pattern, isOne, mask } of finders)
    rest = rest.replace(pattern, (found) => {
      if (!isOne(digitsOf(found), found)) return found;
      places.push({ kind, masked: mask(found) });
      return ' ';
    });
  return places;
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

/** ISO 13616: with the first four characters last and letters as numbers from 10, the remainder by 97 is 1. */
function isIban(text: string): boolean {
  if (text.length < 15 || text.length > 34) return false;
  return (
    remainderOf(`${text.slice(4)}${text.slice(0, 4)}`.replace(/[A-Z]/g, (letter) => `${letter.charCodeAt(0) - 55}`)) ===
    1
  );
}

function remainderOf(digits: string): number {
  let remainder = 0;
  for (const digit of digits) remainder = (remainder * 10 + Number(digit)) % 97;
  return remainder;
}

/** ISO/IEC 7812: the beginning and length of a payment card's number, and its check digit (Luhn). */
function isCard(digits: string): boolean {
  const known =
    /^(?:4\d{12}(?:\d{3}){0,2}|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d)\d{12})$/;
  return known.test(digits) && new Set(digits).size > 1 && luhn(digits);
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** United States (areas in use), Brazil (CPF), Spain (DNI) and France (NIR), of which all but the first have check digits. */
function isNationalId(found: string): boolean {
  const digits = digitsOf(found);
  if (/^\d{3}-\d{2}-\d{4}$/.test(found)) return !/^(?:000|666|9)|^\d{3}00|0000$/.test(digits);
  if (digits.length === 11) return isCpf(digits);
  if (digits.length === 8) return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === found.at(-1);
  if (digits.length !== 15) return false;
  return 97 - remainderOf(digits.slice(0, 13)) === Number(digits.slice(13));
}

function isCpf(digits: string): boolean {
  if (new Set(digits).size === 1) return false;
  return [9, 10].every((length) => {
    let sum = 0;
    for (let at = 0; at < length; at += 1) sum += Number(digits[at]) * (length + 1 - at);
    return ((sum * 10) % 11) % 10 === Number(digits[length]);
  });
}

const keptPlaces = 5;

/** Counts by kind and the first places of each. */
export class PersonalData {
  private readonly found = new Map<PersonalKind, { rows: number; first: string[] }>();

  /** `where` is a record's place for a person, such as "records.jsonl, line 7". */
  add(text: string, where: string): void {
    const kinds = new Map(personalDataIn(text).map(({ kind, masked }) => [kind, masked]));
    for (const [kind, masked] of kinds) {
      const seen = this.found.get(kind) ?? { rows: 0, first: [] };
      seen.rows += 1;
      if (seen.first.length < keptPlaces) seen.first.push(`${where}: ${masked}`);
      this.found.set(kind, seen);
    }
  }

  /** One entry for each kind that was found. */
  figures(): { kind: PersonalKind; rows: number; first: string[] }[] {
    return personalKinds.flatMap((kind) => {
      const seen = this.found.get(kind);
      return seen ? [{ kind, ...seen }] : [];
    });
  }
}
