/** Another project, which installs the packed package and runs what docs/embedding.md shows. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { repository, snippets } from '../docs/pages.js';

const execute = promisify(execFile);

/** Runs npm as a user would, without what jest and npm put into our environment. */
async function npm(args: string[], cwd: string): Promise<void> {
  const entries = Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS$|npm_)/.test(name));
  await execute('npm', args, { cwd, env: Object.fromEntries(entries), maxBuffer: 64e6 });
}

/** Packs this repository into a folder; returns the tarball and the names of the files in it. */
export async function pack(folder: string): Promise<{ tarball: string; files: string[] }> {
  await npm(['pack', '--silent', '--pack-destination', folder], repository);
  const [name] = await readdir(folder);
  const tarball = path.join(folder, 'anneal-vlm.tgz');
  await rename(path.join(folder, name ?? ''), tarball);
  const listed = await execute('tar', ['-tzf', tarball], { maxBuffer: 64e6 });
  return {
    tarball,
    files: listed.stdout
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, '')),
  };
}

/** File names of the page's TypeScript, by what the snippets are called. */
const sources = {
  workflows: 'workflows.ts',
  worker: 'worker.ts',
  client: 'client.ts',
  commonjs: 'commonjs.cts',
} as const;

/** Text of a snippet of docs/embedding.md. */
export function shown(language: string, of: string): string {
  const found = snippets(language).find((each) => each.of === of && each.at.startsWith('docs/embedding.md'));
  if (!found) throw new Error(`docs/embedding.md shows no ${language} ${of}.`);
  return found.text;
}

/** An empty project with the package installed and the page's programs compiled against its types. */
export async function makeConsumer(folder: string, tarball: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = {
    name: 'platform',
    private: true,
    type: 'module',
    dependencies: { 'anneal-vlm': `file:${tarball}` },
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  for (const [of, file] of Object.entries(sources)) await writeFile(path.join(folder, file), shown('ts', of));
  await writeFile(path.join(folder, 'http.mjs'), shown('js', 'http'));
  await writeFile(path.join(folder, 'parent.py'), shown('python', 'parent'));
  await compile(folder);
}

/** By our compiler and types of Node, and without `skipLibCheck`: the package's types must be right in themselves. */
async function compile(folder: string): Promise<void> {
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2023', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    ...{ types: ['node'], typeRoots: [path.join(repository, 'node_modules', '@types')], outDir: 'built', rootDir: '.' },
  };
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts', '*.cts'] }));
  const tsc = path.join(repository, 'node_modules', '.bin', 'tsc');
  const { stdout } = await execute(tsc, ['-p', '.'], { cwd: folder }).catch((error: { stdout: string }) => error);
  const ours = stdout.split('\n').filter((line) => /^\S/.test(line) && !line.startsWith('node_modules/@temporalio/'));
  if (ours.length > 0) throw new Error(`The page's programs do not compile against the package:\n${ours.join('\n')}`);
}
