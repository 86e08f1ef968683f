#!/usr/bin/env node
// @ts-check
/**
 * The command `anneal`: installs the npm packages if they are missing, then hands over to cli/main.ts in this process.
 * Plain JavaScript without packages: this is what a fresh clone can run. Two commands are not the program's own:
 * `setup` installs everything and ends, `test` checks this repository.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureNpmPackages } from './setup/npmPackages.mjs';

const oldestNode = 20;
const fault = 3;

if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  process.stderr.write(
    `Anneal needs Node ${oldestNode} or newer, and this is ${process.versions.node}.\n` +
      `  where: ${process.execPath}\n  do:    Install a newer Node, then run the same command again.\n`,
  );
  process.exit(fault);
}

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
try {
  await ensureNpmPackages(root, (line) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`));
} catch (error) {
  process.stderr.write(
    `The npm packages could not be installed: ${error instanceof Error ? error.message : error}\n` +
      `  where: ${path.join(root, 'node_modules')}\n  do:    Look at what npm said above; "npm ci" in ${root} tries again.\n`,
  );
  process.exit(fault);
}

const { register } = await import('tsx/esm/api');
register();
const [command, ...rest] = process.argv.slice(2);
const entries = { setup: './setup/command.ts', test: './test.ts' };
const ownEntry = command === 'setup' || command === 'test' ? entries[command] : undefined;
const { main } = await import(new URL(ownEntry ?? './main.ts', import.meta.url).href);
process.exitCode = await main(ownEntry === undefined ? process.argv.slice(2) : rest);
