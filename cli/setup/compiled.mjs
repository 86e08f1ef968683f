// @ts-check
/**
 * The program as JavaScript: its sources compiled once, by their digest, into dist/<digest>/, so that no process
 * translates them anew. Plain JavaScript without packages: it runs before the program does.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from './lock.mjs';

/** What is compiled; tests and benches are not. */
const sourceFolders = ['config', 'connection', 'workflows', 'activities', 'workers', 'embedding', 'cli'];
const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
/** The compiled program of a packed package (cli/setup/publish.mjs), which has no sources. */
const published = 'lib';

/** Compiled programs that are kept, the newest: an engine that still runs loads some of its files late. */
const kept = 5;

/**
 * The folder of the compiled program. Compiles what has no folder of its digest yet; a second process waits for the first.
 * A packed package is compiled already.
 *
 * @param {string} root the folder of the package
 * @param {(line: string) => void} progress
 * @returns {Promise<string>}
 * @throws {Error} when the compiler fails; what it said stands on stderr
 */
export async function ensureCompiled(root, progress) {
  if (!existsSync(path.join(root, 'tsconfig.build.json'))) return path.join(root, published);
  const dist = path.join(root, 'dist');
  const folder = path.join(dist, await digestOf(root));
  if (existsSync(folder)) return folder;
  const lock = path.join(root, '.anneal', 'locks', 'compile');
  await withLock(
    lock,
    (holder) => progress(`waiting for process ${holder}, which compiles the program (${lock})`),
    async () => {
      if (existsSync(folder)) return;
      const started = Date.now();
      progress('compiling the program, some seconds…');
      await mkdir(dist, { recursive: true });
      const unfinished = path.join(dist, `.${path.basename(folder)}`);
      await rm(unfinished, { recursive: true, force: true });
      await compile(root, unfinished);
      await rename(unfinished, folder);
      await removeOld(dist);
      progress(`compiled in ${Math.round((Date.now() - started) / 1000)} s`);
    },
  );
  return folder;
}

/**
 * The program for those who install the package, with its types, in `lib`: what `npm pack` puts into the tarball.
 *
 * @param {string} root
 * @returns {Promise<void>}
 * @throws {Error} when the compiler fails; what it said stands on stderr
 */
export async function compileToPublish(root) {
  const folder = path.join(root, published);
  await rm(folder, { recursive: true, force: true });
  await compile(root, folder, ['--declaration']);
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {string[]} [options] of the compiler
 * @returns {Promise<void>}
 */
async function compile(root, folder, options = []) {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await node([compiler, '-p', path.join(root, 'tsconfig.build.json'), '--outDir', folder, ...options], root);
  await node([path.join(folder, 'workers', 'bundle.js')], root);
}

/**
 * Of all that the outcome depends on: names and contents.
 *
 * @param {string} root
 * @returns {Promise<string>} 16 hex digits
 */
async function digestOf(root) {
  const listed = await Promise.all(
    sourceFolders.map(async (folder) => {
      const names = await readdir(path.join(root, folder), { recursive: true });
      return names.filter((name) => /\.(ts|mjs|cjs)$/.test(name)).map((name) => path.join(root, folder, name));
    }),
  );
  const files = [...listed.flat().sort(), ...settings.map((name) => path.join(root, name))];
  const contents = await Promise.all(files.map((file) => readFile(file)));
  const hash = createHash('sha256');
  for (const [index, content] of contents.entries())
    hash.update(`${path.relative(root, files[index] ?? '')}\0${content.length}\0`).update(content);
  return hash.digest('hex').slice(0, 16);
}

/** @param {string} dist */
async function removeOld(dist) {
  const folders = (await readdir(dist)).map((name) => path.join(dist, name));
  const dated = await Promise.all(folders.map(async (folder) => ({ folder, at: (await stat(folder)).mtimeMs })));
  const old = dated.sort((left, right) => right.at - left.at).slice(kept);
  for (const { folder } of old) await rm(folder, { recursive: true, force: true });
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<void>}
 */
function node(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`${path.basename(args[0] ?? '')} ended with ${signal ?? `exit code ${code}`}.`)),
    );
  });
}
