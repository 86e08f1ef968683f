/**
 * The keys that payloads are encrypted with, as a person keeps them: a line each, 32 bytes in base64, the newest last.
 * A key is known by its id, a digest of it, so that no other key can be taken for it.
 */
import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { problem } from '../config/problems.js';

/** Environment variables: the lines themselves, or a file that holds them. */
export const keyVariables = { lines: 'ANNEAL_ENCRYPTION_KEYS', file: 'ANNEAL_ENCRYPTION_KEY_FILE' } as const;

const keyBytes = 32;

export interface Keys {
  /** By id; the newest last. */
  byId: ReadonlyMap<string, KeyObject>;
  /** Id of the key that encrypts. */
  newest: string;
  /** Where they were found, for error messages. */
  from: string;
}

/** A new key as it stands in a file: `openssl rand -base64 32` makes the same. */
export function newKeyLine(): string {
  return randomBytes(keyBytes).toString('base64');
}

/** The keys that the environment names; null when it names none. Throws InvalidInput, which never holds any of a key. */
export function keysFrom(env: NodeJS.ProcessEnv): Keys | null {
  const { [keyVariables.lines]: lines, [keyVariables.file]: file } = env;
  if (lines && file) {
    throw problem('InvalidInput', {
      what: 'Two places name encryption keys.',
      where: `${keyVariables.lines} and ${keyVariables.file}`,
      todo: 'Set one of the two, with all keys in it, the newest last.',
    });
  }
  if (lines) return parseKeys(lines, keyVariables.lines);
  return file ? readKeys(file) : null;
}

/** Throws InvalidInput where the file can't be read or holds no key. */
export function readKeys(file: string): Keys {
  try {
    return parseKeys(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw problem(
      'InvalidInput',
      {
        what: `The encryption keys can't be read: ${(error as Error).message}`,
        where: file,
        todo: `Correct ${keyVariables.file}, or the rights of the file: it must be readable for whoever runs Anneal.`,
      },
      { cause: error },
    );
  }
}

function parseKeys(text: string, from: string): Keys {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const keys = lines.filter(({ line }) => line !== '' && !line.startsWith('#')).map((each) => keyOf(each, from));
  const newest = keys.at(-1);
  if (!newest) throw noKey('There is no encryption key.', from);
  return { byId: new Map(keys), newest: newest[0], from };
}

function keyOf({ line, number }: { line: string; number: number }, from: string): [string, KeyObject] {
  const key = Buffer.from(line, 'base64');
  if (key.length !== keyBytes || key.toString('base64') !== line)
    throw noKey(`Line ${number} is not an encryption key.`, from);
  return [createHash('sha256').update(key).digest('hex').slice(0, 16), createSecretKey(key)];
}

function noKey(what: string, where: string): Error {
  return problem('InvalidInput', {
    what,
    where,
    todo: 'Give a key a line, 32 bytes in base64, the newest last; `openssl rand -base64 32` makes one.',
  });
}
