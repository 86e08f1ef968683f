import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ensurePythonEnvironment, missingPackages } from '../../../cli/setup/pythonEnvironment.js';
import { machineIn, script } from './builders.js';
import { temporaryFolder } from './folders.js';

describe('ensurePythonEnvironment', () => {
  it('refuses an ANNEAL_PYTHON without the packages, and names them', async () => {
    const folder = await temporaryFolder();
    const bare = await script(path.join(folder, 'bare'), 'exec python3 -I -S "$@"');
    const machine = machineIn(folder, { env: { ...process.env, ANNEAL_PYTHON: bare } });
    await expect(ensurePythonEnvironment(() => undefined, machine)).rejects.toMatchObject({
      problem: {
        type: 'InvalidInput',
        what: expect.stringMatching(/lacks torch, torchvision, transformers, trl, peft/),
        where: `ANNEAL_PYTHON=${bare}`,
        todo: expect.stringContaining('requirements.lock'),
      },
    });
  });

  it('says so when ANNEAL_PYTHON does not start', async () => {
    const folder = await temporaryFolder();
    const machine = machineIn(folder);
    expect(await missingPackages(path.join(folder, 'nowhere'), machine)).toEqual([expect.stringContaining('ENOENT')]);
  });

  it('needs 8 GB of free space before it begins', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'cache'));
    const machine = machineIn(folder, { freeBytes: async () => 7.9e9 });
    await expect(ensurePythonEnvironment(() => undefined, machine)).rejects.toMatchObject({
      problem: { type: 'NoSpace', what: expect.stringContaining('8.0 GB'), where: expect.stringContaining(folder) },
    });
  });
});
