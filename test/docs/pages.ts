/** README, changelog and the pages of docs/, with the snippets in them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pages } from '../../docs/generate.js';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Path, relative to the repository, and text of every page. */
export function allPages(): [file: string, text: string][] {
  const top = ['README.md', 'CHANGELOG.md'].map((name): [string, string] => [name, read(name)]);
  return [...top, ...[...pages()].map(([name, text]): [string, string] => [`docs/${name}`, text])];
}

export function read(file: string): string {
  return readFileSync(path.join(repository, file), 'utf8');
}

export interface Snippet {
  /** File and line, for the test's name. */
  at: string;
  /** The word after the language: what the snippet is. */
  of: string;
  text: string;
}

/** All fenced blocks of a language. */
export function snippets(language: string): Snippet[] {
  return allPages().flatMap(([file, text]) =>
    [...text.matchAll(/^```(\w+) ?(\w*)\n([\s\S]*?)^```$/gm)]
      .filter(([, found]) => found === language)
      .map(({ index, 2: of = '', 3: body = '' }) => ({
        at: `${file}:${text.slice(0, index).split('\n').length}`,
        of,
        text: body,
      })),
  );
}

/** The words in backticks of a text, fenced blocks left out. */
export function quoted(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word);
}
