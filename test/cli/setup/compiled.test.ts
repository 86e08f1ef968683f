import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { packageFolder } from '../../../activities/recipe/packageFolder.js';
import { compileToPublish, ensureCompiled } from '../../../cli/setup/compiled.mjs';
import { temporaryFolder } from './folders.js';

const sources: Record<string, string> = {
  'config/answer.ts': 'export const answer: number = 42;\n',
  'connection/index.ts': 'export {};\n',
  'workflows/index.ts': 'export {};\n',
  'activities/index.ts': 'export {};\n',
  'embedding/index.ts': 'export {};\n',
  'cli/plain.mjs': 'export const plain = true;\n',
  'workers/bundle.ts': `import { writeFileSync } from 'node:fs';
import { answer } from '../config/answer.js';
writeFileSync(new URL('../workflows.bundle.js', import.meta.url), String(answer));
`,
};

/** A small program laid out as ours, compiled by our compiler and settings. */
async function program(): Promise<string> {
  const root = await temporaryFolder();
  for (const [name, text] of Object.entries(sources)) await write(root, name, text);
  await symlink(path.join(packageFolder, 'node_modules'), path.join(root, 'node_modules'));
  for (const name of ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'package.json'])
    await copyFile(path.join(packageFolder, name), path.join(root, name));
  return root;
}

async function write(root: string, name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, name)), { recursive: true });
  await writeFile(path.join(root, name), text);
}

/** The folder, and what was said on the way. */
async function ensure(root: string): Promise<{ folder: string; said: string[] }> {
  const said: string[] = [];
  return { folder: await ensureCompiled(root, (line) => said.push(line)), said };
}

describe('ensureCompiled', () => {
  it('compiles and bundles once, and anew after a change', async () => {
    const root = await program();
    const first = await ensure(root);
    expect(first.said).toEqual([expect.stringContaining('compiling'), expect.stringContaining('compiled in')]);
    expect(await readFile(path.join(first.folder, 'workflows.bundle.js'), 'utf8')).toBe('42');
    expect(await readFile(path.join(first.folder, 'cli', 'plain.mjs'), 'utf8')).toContain('plain');
    expect(await ensure(root)).toEqual({ folder: first.folder, said: [] });

    await write(root, 'config/answer.ts', 'export const answer: number = 43;\n');
    const second = await ensure(root);
    expect(second.folder).not.toBe(first.folder);
    expect(await readFile(path.join(second.folder, 'workflows.bundle.js'), 'utf8')).toBe('43');
    expect(await readFile(path.join(first.folder, 'workflows.bundle.js'), 'utf8')).toBe('42');
  });

  it('lets one of two at once compile, and takes no half-compiled program', async () => {
    const root = await program();
    const { folder } = await ensure(await program());
    await write(root, `dist/.${path.basename(folder)}/cli/left.js`, 'half');
    const both = await Promise.all([ensure(root), ensure(root)]);
    expect(both.flatMap(({ said }) => said).filter((line) => line.startsWith('compiling'))).toHaveLength(1);
    expect(path.basename(both[0].folder)).toBe(path.basename(folder));
    expect(both[1].folder).toBe(both[0].folder);
    expect(await readdir(path.join(both[0].folder, 'cli'))).toEqual(['plain.mjs']);
  });

  it('takes the program that a packed package has, which is without sources', async () => {
    const root = await program();
    await compileToPublish(root);
    expect(await readFile(path.join(root, 'lib/config/answer.d.ts'), 'utf8')).toContain('answer: number');
    for (const name of [...Object.keys(sources), 'tsconfig.build.json']) await rm(path.join(root, name));
    expect(await ensure(root)).toEqual({ folder: path.join(root, 'lib'), said: [] });
    expect(await readFile(path.join(root, 'lib/workflows.bundle.js'), 'utf8')).toBe('42');
  });

  it('refuses a program that does not compile, and takes it when it is mended', async () => {
    const root = await program();
    await write(root, 'config/answer.ts', 'export const answer: number = ;\n');
    await expect(ensure(root)).rejects.toThrow(/^tsc ended with exit code/);
    await write(root, 'config/answer.ts', sources['config/answer.ts'] ?? '');
    expect((await ensure(root)).said).toHaveLength(2);
  });
});
