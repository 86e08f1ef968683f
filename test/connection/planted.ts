/** Words that stand nowhere else, and the search for them in all bytes of a folder. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Of the words those that the files below a folder hold, as text, in UTF-16 or in base64. */
export async function foundIn<Name extends string>(folder: string, words: Record<Name, string>): Promise<Name[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file)));
  const names = Object.keys(words) as Name[];
  return names.filter((name) => formsOf(words[name]).some((form) => contents.some((bytes) => bytes.includes(form))));
}

/** In base64 a word has three forms, by where it begins; its first and last characters depend on what is beside it. */
function formsOf(word: string): Buffer[] {
  const encoded = ['', ' ', '  '].map((before) => Buffer.from(`${before}${word}`).toString('base64').slice(4, -4));
  return [Buffer.from(word), Buffer.from(word, 'utf16le'), ...encoded.map((form) => Buffer.from(form))];
}
