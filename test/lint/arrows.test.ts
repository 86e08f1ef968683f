import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const repository = path.resolve(import.meta.dirname, '../..');
const tool = (name: string): string => path.join(repository, 'node_modules', '.bin', name);

/** What a linter said and how it ended, in a small copy of the house with our rules. */
async function lint(
  command: string,
  args: string[],
  files: Record<string, string>,
): Promise<{ failed: boolean; said: string }> {
  const house = await mkdtemp(path.join(os.tmpdir(), 'anneal-arrows-'));
  try {
    for (const rule of ['.dependency-cruiser.cjs', 'biome.json', 'package.json', 'lint']) {
      await cp(path.join(repository, rule), path.join(house, rule), { recursive: true });
    }
    await symlink(path.join(repository, 'node_modules'), path.join(house, 'node_modules'));
    for (const [name, text] of Object.entries({ ...soundHouse, ...files })) {
      await mkdir(path.dirname(path.join(house, name)), { recursive: true });
      await writeFile(path.join(house, name), text);
    }
    const { stdout, stderr } = await promisify(execFile)(tool(command), args, { cwd: house });
    return { failed: false, said: stdout + stderr };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { failed: true, said: stdout + stderr };
  } finally {
    await rm(house, { recursive: true, force: true });
  }
}

const cruise = (files: Record<string, string>) =>
  lint(
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', 'config', 'workflows', 'activities', 'workers', 'cli'],
    files,
  );
const biome = (files: Record<string, string>) =>
  lint('biome', ['lint', '--vcs-enabled=false', '--colors=off', '.'], files);

/** One file a layer, each importing all that it may. */
const soundHouse = {
  'config/a.ts': `import { z } from 'zod';\nexport const a = z.string();\n`,
  'workflows/policies/p.ts': `import { a } from '../../config/a.js';\nexport const p = a;\n`,
  'activities/data/d.ts': `import { readFileSync } from 'node:fs';\nimport { p } from '../../workflows/policies/p.js';\nexport const d = () => [readFileSync, p];\nexport type D = typeof d;\n`,
  'workflows/w.ts': `import { proxyActivities } from '@temporalio/workflow';\nimport type { D } from '../activities/data/d.js';\nimport { p } from './policies/p.js';\nexport const w = () => [proxyActivities<{ d: D }>({ startToCloseTimeout: 1 }), p];\n`,
  'workers/k.ts': `import { d } from '../activities/data/d.js';\nimport { w } from '../workflows/w.js';\nexport const k = [d, w];\n`,
  'cli/c.ts': `import { k } from '../workers/k.js';\nexport const c = k;\n`,
};

const taking = (specifier: string): string => `import * as taken from '${specifier}';\nexport const seen = taken;\n`;

/** Each wrong import in a file of its own, so that one run of the linter sees them all. */
function planted(
  table: readonly (readonly [folder: string, specifier: string, ...unknown[]])[],
): Record<string, string> {
  return Object.fromEntries(table.map(([folder, specifier], row) => [`${folder}/wrong${row}.ts`, taking(specifier)]));
}

const wrongForCruiser = [
  ['config', 'node:fs', 'config-imports-nothing-of-ours'],
  ['config', '../workflows/policies/p.js', 'config-imports-nothing-of-ours'],
  ['workflows/policies', '@temporalio/workflow', 'policies-are-pure'],
  ['workflows/policies', 'node:crypto', 'policies-are-pure'],
  ['workflows', 'node:fs', 'workflows-are-deterministic'],
  ['workflows', '@temporalio/client', 'workflows-are-deterministic'],
  ['workflows', '../cli/c.js', 'nothing-imports-entry-points'],
  ['activities/data', '../../workflows/w.js', 'activities-do-not-know-workflows'],
  ['activities/data', '../../workers/k.js', 'nothing-imports-entry-points'],
  ['cli', '../activities/nowhere.js', 'resolvable'],
  ['activities/data', 'undici-types', 'no-undeclared-packages'],
] as const;

const wrongForBiome = [
  ['config', 'node:fs', 'config/ imports nothing of ours'],
  ['config', '../workflows/policies/p.js', 'config/ imports nothing of ours'],
  ['workflows/policies', 'node:crypto', 'A policy is pure'],
  ['workflows', 'node:fs', 'The workflow sandbox has no Node'],
  ['activities/data', '../../cli/c.js', 'Nothing imports entry points'],
] as const;

describe('the import arrows', () => {
  it('let every layer import what it may', async () => {
    expect(await cruise({})).toMatchObject({ failed: false });
    expect(await biome({})).toMatchObject({ failed: false });
  });

  it('stop each wrong import, by name of the rule', async () => {
    const { failed, said } = await cruise(planted(wrongForCruiser));
    for (const [row, [folder, , rule]] of wrongForCruiser.entries()) {
      expect(said).toContain(`error ${rule}: ${folder}/wrong${row}.ts`);
    }
    expect(failed).toBe(true);
  });

  it('are shown by the editor’s linter too', async () => {
    const { failed, said } = await biome(planted(wrongForBiome));
    for (const [row, [folder, , message]] of wrongForBiome.entries()) {
      const reported = said.split(`${folder}/wrong${row}.ts:`)[1] ?? '';
      expect(reported.slice(0, 300)).toContain(message);
    }
    expect(failed).toBe(true);
  });

  it.each([
    `import { d } from '../activities/data/d.js';\nexport const e = d;\n`,
    `export { d } from '../activities/data/d.js';\n`,
    `export const e = () => import('../activities/data/d.js');\n`,
    `import '../activities/data/d.js';\n`,
  ])('let a workflow take types of activities, but not %j', async (text) => {
    const { failed, said } = await biome({ 'workflows/wrong.ts': text });
    expect(said).toContain('A workflow imports only the types of activities');
    expect(failed).toBe(true);
  });
});
