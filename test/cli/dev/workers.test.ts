import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { recordProcess, takeClaim } from '../../../activities/processes/claims.js';
import { childEnvironment, spawnDetached } from '../../../activities/processes/detached.js';
import { identityOf, isLiving, type ProcessIdentity } from '../../../activities/processes/identity.js';
import { packageFolder } from '../../../activities/recipe/packageFolder.js';
import { keepWorkers } from '../../../cli/dev/workers.js';
import { runsFolder } from '../../../cli/paths.js';
import { taskQueues } from '../../../config/queues.js';
import { anneal } from '../shells.js';
import { freePort, livingAfter, makeRoot, removeRoot, withoutTemporal } from './supervisor.js';

jest.setTimeout(180_000);

interface Workers {
  child: ChildProcess;
  exited: Promise<number | null>;
  said(): string;
  /** Status of /health; null where nobody answers. */
  health(): Promise<{ status: number; body: unknown } | null>;
}

describe('anneal worker', () => {
  let root: string;
  let environment: TestWorkflowEnvironment;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    root = await makeRoot();
    const executable = process.env['ANNEAL_TEMPORAL_CLI'];
    environment = await TestWorkflowEnvironment.createLocal(
      executable ? { server: { executable: { type: 'existing-path', path: executable } } } : {},
    );
  });
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await environment.teardown();
    await removeRoot(root);
  });

  async function startWorkers(...args: string[]): Promise<Workers> {
    const port = await freePort();
    const command = [path.join(packageFolder, 'cli/anneal.mjs'), 'worker', ...args, '--health-port', String(port)];
    const child = spawn(process.execPath, command, {
      cwd: root,
      env: { ...withoutTemporal(), TEMPORAL_ADDRESS: environment.address },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
    const workers: Workers = {
      child,
      exited: new Promise((resolve) => child.once('exit', resolve)),
      said: () => printed,
      async health() {
        const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
        return answer && { status: answer.status, body: await answer.json() };
      },
    };
    await until(async () => printed.includes('Ctrl-C drains them'), workers);
    return workers;
  }

  async function until(holds: () => Promise<boolean>, { said }: Workers): Promise<void> {
    const deadline = Date.now() + 120_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`It never came to pass: ${said()}`);
      await pause(50);
    }
  }

  const pollers = async (queue: string): Promise<string[]> => {
    const { client } = environment;
    const asked = { namespace: 'default', taskQueue: { name: queue }, taskQueueType: 2 };
    const { pollers: found } = await client.workflowService.describeTaskQueue(asked);
    return (found ?? []).map(({ identity }) => identity ?? '');
  };

  it('serves the queues of its classes, is healthy while it does, and starts a killed worker again', async () => {
    const workers = await startWorkers('data', 'vlm');
    expect(await workers.health()).toEqual({ status: 200, body: { up: { 'worker-data': true, 'worker-vlm': true } } });
    await until(async () => (await pollers(taskQueues.data)).length > 0, workers);
    const [identity = ''] = await pollers(taskQueues.vlm);
    process.kill(Number(/^anneal-vlm-(\d+)$/.exec(identity)?.[1]), 'SIGKILL');
    await until(async () => (await workers.health())?.status === 503, workers);
    expect((await workers.health())?.body).toEqual({ up: { 'worker-data': true, 'worker-vlm': false } });
    await until(async () => (await workers.health())?.status === 200, workers);
    expect(workers.said()).toContain('worker-vlm ended (SIGKILL)');

    const children = await childrenOf(workers.child.pid);
    expect(children).toHaveLength(2);
    workers.child.kill('SIGTERM');
    expect(await workers.exited).toBe(0);
    expect(await livingAfter(children, 0)).toEqual([]);
    expect(await workers.health()).toBeNull();
  });

  it.each([
    { args: ['data'], lives: true, how: 'leaves trainings to the next worker' },
    { args: ['data', '--end-trainings'], lives: false, how: 'ends trainings where told to' },
  ])('$how when it is told to end', async ({ args, lives }) => {
    const workers = await startWorkers(...args);
    const trainer = await standInTrainer(path.join(runsFolder(root), 'run/training', args.join('')));
    workers.child.kill('SIGTERM');
    expect(await workers.exited).toBe(0);
    expect(await isLiving(trainer)).toBe(lives);
    if (lives) process.kill(trainer.pid, 'SIGKILL');
  });

  it('says what to do where no server is named, or it does not answer', async () => {
    const nowhere = { TEMPORAL_CONFIG_FILE: path.join(root, 'none.toml') };
    const unnamed = await anneal(root, nowhere, 'worker', 'data');
    expect(unnamed).toMatchObject({ code: 3, talk: expect.stringContaining('Set TEMPORAL_ADDRESS=host:port') });

    const address = `127.0.0.1:${await freePort()}`;
    const said: string[] = [];
    const env = { ...nowhere, TEMPORAL_ADDRESS: address };
    const shell = { root, env, data: () => undefined, talk: (line: string) => said.push(line) };
    const wish = { kinds: ['data'] as const, endTrainings: false, patienceSeconds: 6 };
    const kept = keepWorkers(shell, wish, () => undefined);
    await expect(kept).rejects.toThrow(`${address} (from TEMPORAL_ADDRESS)`);
    expect(said.join()).toContain(`The Temporal server at ${address} can't be used yet`);
  });
});

/** A process that is on record as the trainer of a job, and ends at SIGTERM. */
async function standInTrainer(folder: string): Promise<ProcessIdentity> {
  const claim = await takeClaim(folder, 1);
  if (claim === null) throw new Error(`${folder} is claimed.`);
  const log = path.join(folder, 'log.txt');
  const sleep = { program: 'sleep', arguments: ['600'], environment: childEnvironment({}), log };
  return (await spawnDetached(sleep, (identity) => recordProcess(folder, claim, identity))).process;
}

async function childrenOf(pid: number | undefined): Promise<ProcessIdentity[]> {
  const pids = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
  const identities = await Promise.all(pids.map(identityOf));
  return identities.filter((identity) => identity !== null);
}
