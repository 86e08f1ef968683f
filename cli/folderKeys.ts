/** The encryption keys of a project folder: those that the environment names, or else the folder's own file. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../config/problems.js';
import { type Keys, keysFrom, keyVariables, newKeyLine } from '../connection/keys.js';
import { engineStanding } from './dev/engineFile.js';
import { annealFolder, shown } from './paths.js';
import type { Shell } from './shell.js';

type Place = Pick<Shell, 'root' | 'env'>;

function keyFile(root: string): string {
  return path.join(annealFolder(root), 'encryption-keys');
}

/** What worker processes are told beside their environment, so that they have the same keys. */
export function keyEnvironment({ root, env }: Place): NodeJS.ProcessEnv {
  const named = env[keyVariables.lines] || env[keyVariables.file];
  return !named && existsSync(keyFile(root)) ? { [keyVariables.file]: keyFile(root) } : {};
}

/** null where runs of this folder are not encrypted. Throws InvalidInput where a key can't be read. */
export function folderKeys(place: Place): Keys | null {
  return keysFrom({ ...place.env, ...keyEnvironment(place) });
}

/** Makes a key for the folder where it has none; from then on all its runs are encrypted. Throws EngineUnavailable where an engine without keys runs. */
export async function encryptFolder(shell: Shell): Promise<void> {
  if (folderKeys(shell) !== null) return;
  if ((await engineStanding(shell.root)).kind !== 'none') throw runsWithoutKeys(shell.root);
  const file = keyFile(shell.root);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${newKeyLine()}\n`, { mode: 0o600, flag: 'wx' });
  shell.talk(`Runs are encrypted with a new key, in ${shown(file)}. Without that file they can't be read any more.`);
}

function runsWithoutKeys(where: string): Error {
  return problem('EngineUnavailable', {
    what: 'The engine of this folder runs already, without encryption.',
    where,
    todo: 'End it with Ctrl-C in its terminal, then start it again with --encrypt.',
  });
}

/** Throws EngineUnavailable where an engine, of which the ids of its keys are known, could not read what we send or we not what it sends. */
export function requireSameKeys(own: Keys | null, ofEngine: readonly string[], where: string): void {
  const fits = own === null ? ofEngine.length === 0 : ofEngine.includes(own.newest);
  if (fits) return;
  throw problem('EngineUnavailable', {
    what:
      own === null
        ? 'The engine of this folder encrypts its runs, and this command has no key.'
        : `This command encrypts with the key ${own.newest} (${own.from}), which the engine of this folder has not.`,
    where,
    todo: `Give both the same ${keyVariables.file}. An engine takes new keys when it is started again.`,
  });
}
