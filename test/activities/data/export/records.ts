/** Rows of every kind that a dataset can hold, for property tests: several pictures, several turns, any script. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { specialTokenIn } from '../../../../activities/data/records/specialTokens.js';
import type { Message, Part } from '../../../../config/records.js';

export const pictureCount = 5;

/** Pictures 0.png to 4.png, each of another size. */
export async function writePictures(folder: string): Promise<void> {
  for (let index = 0; index < pictureCount; index += 1) {
    const background = { r: 40 * index, g: 255 - 50 * index, b: 90 };
    const picture = sharp({ create: { width: 20 + index, height: 30, channels: 3, background } });
    writeFileSync(path.join(folder, `${index}.png`), await picture.png().toBuffer());
  }
}

const lines = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 });
/** One text that no rule of the import changes: NFC, no white space at its ends, no literal that a model obeys. */
const text = fc
  .oneof(lines, fc.constantFrom(['“Öl?” 油\u2028 — "a" \\n {"b": 1}'], ['<b>&amp;</b>', '', 'last'], ['=1+1', "it's"]))
  .map((parts) => parts.join('\n').normalize('NFC').trim())
  .filter(
    (each) =>
      each !== '' &&
      !specialTokenIn(each) &&
      !/\0|\p{Surrogate}|^[\u200b\u2060\ufeff]|[\u200b\u2060\ufeff]$/u.test(each),
  );

/** Text and pictures in turn: two texts in a row would be one to every reader. */
const parts = fc
  .tuple(fc.integer({ min: 0, max: pictureCount - 1 }), fc.integer({ min: 0, max: 2 }), text, fc.boolean())
  .map(([first, others, words, pictureLast]): { pictures: number[]; words: string; pictureLast: boolean } => {
    const pictures = Array.from({ length: others }, (_, index) => (first + index) % pictureCount);
    return { pictures, words, pictureLast };
  });

const turn = fc.tuple(parts, text);

export interface Wanted {
  messages: Message[];
  images: string[];
  group?: string;
  kind?: string;
}

/** A record before its import: messages of typed parts, and the files of its pictures. */
export const wantedRecord: fc.Arbitrary<Wanted> = fc
  .tuple(
    fc.option(text, { nil: null }),
    fc.array(turn, { minLength: 1, maxLength: 3 }),
    fc.option(fc.constantFrom('a', 'b c', 'Ü'), { nil: null }),
    fc.option(fc.constantFrom('count', 'read'), { nil: null }),
  )
  .map(([system, turns, group, kind]) => {
    const images: string[] = [];
    const messages: Message[] = system === null ? [] : [{ role: 'system', content: [{ type: 'text', text: system }] }];
    for (const [{ pictures, words, pictureLast }, answer] of turns) {
      const shown = pictures.map((picture): Part => {
        images.push(`${picture}.png`);
        return { type: 'image', image: images.length - 1 };
      });
      const said: Part = { type: 'text', text: words };
      messages.push({ role: 'user', content: pictureLast ? [said, ...shown] : [...shown, said] });
      messages.push({ role: 'assistant', content: [{ type: 'text', text: answer }] });
    }
    return { messages, images, ...(group ? { group } : {}), ...(kind ? { kind } : {}) };
  });
