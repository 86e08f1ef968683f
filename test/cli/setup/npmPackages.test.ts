import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureNpmPackages, hasNpmPackages } from '../../../cli/setup/npmPackages.mjs';
import { temporaryFolder } from './folders.js';

/** A project with one dependency that lies beside it, so that npm needs no network. */
async function project(): Promise<string> {
  const root = await temporaryFolder();
  await mkdir(path.join(root, 'tool'));
  await writeFile(path.join(root, 'tool', 'package.json'), JSON.stringify({ name: 'tool', version: '1.0.0' }));
  await writeFile(
    path.join(root, 'package.json'),
    JSON.stringify({ name: 'project', version: '1.0.0', dependencies: { tool: 'file:tool' } }),
  );
  await lock(root, {});
  return root;
}

/** The lock as npm writes it, with whatever else is given. */
async function lock(root: string, more: object): Promise<void> {
  const packages = {
    '': { name: 'project', version: '1.0.0', dependencies: { tool: 'file:tool' } },
    'node_modules/tool': { resolved: 'tool', link: true },
    tool: { version: '1.0.0' },
  };
  const text = { name: 'project', version: '1.0.0', lockfileVersion: 3, requires: true, packages, ...more };
  await writeFile(path.join(root, 'package-lock.json'), JSON.stringify(text));
}

const ensure = async (root: string): Promise<string[]> => {
  const said: string[] = [];
  await ensureNpmPackages(root, (line) => said.push(line));
  return said.filter((line) => !line.startsWith('still'));
};
const stampOf = (root: string): string => path.join(root, 'node_modules', '.anneal-lock');

describe('ensureNpmPackages', () => {
  it('installs once, and again after an interruption or a change of the lock', async () => {
    const root = await project();
    expect(await hasNpmPackages(root)).toBe(false);
    expect(await ensure(root)).toEqual([
      expect.stringContaining('installing'),
      expect.stringContaining('installed in'),
    ]);
    expect((await stat(path.join(root, 'node_modules', 'tool'))).isDirectory()).toBe(true);
    expect(await ensure(root)).toEqual([]);

    await rm(stampOf(root));
    await rm(path.join(root, 'node_modules', '.package-lock.json'));
    expect(await ensure(root)).toHaveLength(2);
  });

  it('believes npm’s own record when somebody installed by hand', async () => {
    const root = await project();
    await ensure(root);
    await rm(stampOf(root));
    expect(await ensure(root)).toEqual([]);
    expect(await readFile(stampOf(root), 'utf8')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('fails with npm’s exit code when the lock does not fit package.json, and leaves no stamp', async () => {
    const root = await project();
    await lock(root, { packages: { '': { name: 'project', version: '1.0.0' } } });
    await expect(ensure(root)).rejects.toThrow('npm ci ended with exit code 1');
    expect(await hasNpmPackages(root)).toBe(false);
  });

  it('leaves alone an Anneal that is somebody’s dependency: it has no lock', async () => {
    expect(await ensure(await temporaryFolder())).toEqual([]);
  });
});
