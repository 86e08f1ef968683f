import path from 'node:path';
import { findInterpreter, needInterpreter } from '../../../cli/setup/interpreter.js';
import { machineIn, script } from './builders.js';
import { temporaryFolder } from './folders.js';

/** A machine whose PATH holds these programs only, each answering so. */
async function machineWith(programs: Record<string, string>) {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(programs)) await script(path.join(folder, 'bin', name), text);
  return machineIn(folder, { env: { PATH: path.join(folder, 'bin') } });
}

describe('findInterpreter', () => {
  it('passes over a version manager’s shim that does not start, and a Python that is too old', async () => {
    const machine = await machineWith({
      'python3.13': 'echo "python3.13: command not found" >&2; exit 127',
      'python3.12': 'echo 3.10.4',
      python3: 'echo 3.11.7',
    });
    expect(await findInterpreter(machine)).toEqual({
      version: '3.11.7',
      path: expect.stringMatching(/bin\/python3$/),
    });
  });

  it('finds none where there is none, and the problem says what to install', async () => {
    const machine = await machineWith({ python3: 'echo 3.9.1' });
    expect(await findInterpreter(machine)).toBeNull();
    await expect(needInterpreter(machine)).rejects.toMatchObject({
      problem: { type: 'SetUpFailed', what: expect.stringContaining('3.11'), todo: expect.stringContaining('install') },
    });
  });
});
