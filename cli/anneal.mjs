#!/usr/bin/env node
// @ts-check
/**
 * The command `anneal`: installs the npm packages and compiles the program if that is not done, then hands over
 * to cli/main.ts in this process.
 * Plain JavaScript without packages: this is what a fresh clone can run. Two commands are not the program's own:
 * `setup` installs everything and ends, `test` checks this repository.
 */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureCompiled } from './setup/compiled.mjs';
import { isNewEnough, oldestNode } from './setup/node.mjs';
import { ensureNpmPackages } from './setup/npmPackages.mjs';

const fault = 3;

if (!isNewEnough(process.versions.node)) {
  process.stderr.write(
    `Anneal needs Node ${oldestNode} or newer, and this is ${process.versions.node}.\n` +
      `  where: ${process.execPath}\n  do:    Install a newer Node, then run the same command again.\n`,
  );
  process.exit(fault);
}

const say = (/** @type {string} */ line) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`);
const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
try {
  await ensureNpmPackages(root, say);
} catch (error) {
  process.stderr.write(
    `The npm packages could not be installed: ${error instanceof Error ? error.message : error}\n` +
      `  where: ${path.join(root, 'node_modules')}\n  do:    Look at what npm said above; "npm ci" in ${root} tries again.\n`,
  );
  process.exit(fault);
}

const code = await ensureCompiled(root, say).catch((error) => {
  process.stderr.write(
    `The program could not be compiled: ${error instanceof Error ? error.message : error}\n` +
      `  where: ${path.join(root, 'dist')}\n  do:    Look at what the compiler said above; a change of the sources may be broken.\n`,
  );
  process.exit(fault);
});
const [command, ...rest] = process.argv.slice(2);
const entries = { setup: 'setup/command.js', test: 'test.js' };
const ownEntry = command === 'setup' || command === 'test' ? entries[command] : undefined;
const { main } = await import(pathToFileURL(path.join(code, 'cli', ownEntry ?? 'main.js')).href);
process.exitCode = await main(ownEntry === undefined ? process.argv.slice(2) : rest);
