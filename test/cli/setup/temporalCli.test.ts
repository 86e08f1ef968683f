import path from 'node:path';
import { givenTemporalCli } from '../../../cli/setup/temporalCli.js';
import { machineIn, script } from './builders.js';
import { temporaryFolder } from './folders.js';

const answering = (version: string): string => `echo "temporal version ${version} (Server 1.32.0, UI 2.54.1)"`;

describe('givenTemporalCli', () => {
  it('takes the program that ANNEAL_TEMPORAL_CLI names, whatever its version', async () => {
    const folder = await temporaryFolder();
    const cli = await script(path.join(folder, 'mine'), answering('1.2.3'));
    const machine = machineIn(folder, { env: { ANNEAL_TEMPORAL_CLI: cli } });
    expect(await givenTemporalCli(machine, () => undefined)).toEqual({ path: cli, version: '1.2.3' });
  });

  it('refuses an ANNEAL_TEMPORAL_CLI that is no Temporal CLI', async () => {
    const machine = machineIn(await temporaryFolder(), { env: { ANNEAL_TEMPORAL_CLI: '/bin/true' } });
    await expect(givenTemporalCli(machine, () => undefined)).rejects.toMatchObject({
      problem: { type: 'InvalidInput', where: 'ANNEAL_TEMPORAL_CLI=/bin/true' },
    });
  });

  it.each([
    ['1.9.0', true],
    ['1.10.2', true],
    ['2.0.0', true],
    ['1.8.9', false],
  ])('takes version %s from the PATH: %s', async (version, isTaken) => {
    const folder = await temporaryFolder();
    const cli = await script(path.join(folder, 'bin', 'temporal'), answering(version));
    const machine = machineIn(folder, { env: { PATH: path.join(folder, 'bin') } });
    const said: string[] = [];
    const found = await givenTemporalCli(machine, (line) => said.push(line));
    expect(found).toEqual(isTaken ? { path: cli, version } : null);
    expect(said).toHaveLength(isTaken ? 0 : 1);
  });
});
