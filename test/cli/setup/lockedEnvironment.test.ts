import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ensureEnvironment, homeOf } from '../../../cli/setup/lockedEnvironment.js';
import { type Machine, runCommand } from '../../../cli/setup/machine.js';
import { machineIn, packageIndex, script } from './builders.js';
import { temporaryFolder } from './folders.js';

/** A real venv and a real pip take seconds, and a busy machine makes them a minute. */
const patience = 120_000;

interface Place {
  folder: string;
  machine: Machine;
  plan: { name: string; what: string; lockFile: string; neededBytes: number; program: string };
  env: NodeJS.ProcessEnv;
}

async function place(): Promise<Place> {
  const folder = await temporaryFolder();
  const { lockFile, env } = await packageIndex(folder);
  const plan = { name: 'test', what: 'the test’s packages', lockFile, neededBytes: 1, program: 'tool' };
  return { folder, machine: machineIn(folder, { env }), plan, env };
}

const ensure = ({ plan, machine }: Pick<Place, 'plan' | 'machine'>) =>
  ensureEnvironment(plan, machine, () => undefined);
const attempts = async ({ plan, machine }: Place): Promise<string[]> =>
  (await readdir(await homeOf(plan, machine))).filter((name) => name.startsWith('pip-'));
const works = async (tool: string): Promise<boolean> => (await runCommand(tool, [])).lines.join() === 'tool works';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Another process that sets up the same environment; a slow one stops half-way. */
function another({ folder, plan, env }: Place, slow: '' | 'slow'): ChildProcess & { lines: string[] } {
  const program = path.resolve(import.meta.dirname, 'interruptible.ts');
  const args = ['--import', 'tsx', program, folder, plan.lockFile, JSON.stringify(env), slow];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return Object.assign(child, { lines });
}

/** The process id of the `sleep` that a slow process runs, once it has left half an environment. */
async function halfway(here: Place, child: ChildProcess): Promise<number> {
  const find = `for pid in $(cat /proc/${child.pid}/task/*/children); do grep -q sleep /proc/$pid/comm && echo $pid; done`;
  for (;;) {
    const installer = (await runCommand('sh', ['-c', find])).lines.find((line) => /^\d+$/.test(line));
    if (installer !== undefined && (await attempts(here)).length === 1) return Number(installer);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('ensureEnvironment', () => {
  let ready: Place;
  let tool: string;
  beforeAll(async () => {
    ready = await place();
    tool = await ensure(ready);
  }, patience);

  it('installs from the lock file, and then runs nothing', async () => {
    expect(await works(tool)).toBe(true);
    const run = () => Promise.reject(new Error('nothing need run'));
    expect(await ensure({ ...ready, machine: { ...ready.machine, run } })).toBe(tool);
  });

  it('gives a changed lock file an environment of its own', async () => {
    const here = await place();
    const before = await homeOf(here.plan, here.machine);
    await writeFile(here.plan.lockFile, '# changed\n');
    expect(await homeOf(here.plan, here.machine)).not.toBe(before);
  });

  it('tries the next installer when one fails, and says why', async () => {
    const here = await place();
    const said: string[] = [];
    const common = { python: '3.11.7', byHand: () => 'try it' };
    const installers = [
      { ...common, name: 'uv', install: async () => 'No route to the index.' },
      {
        ...common,
        name: 'pip',
        install: async (folder: string) => {
          await script(path.join(folder, 'bin', 'tool'), 'echo tool works');
          return null;
        },
      },
    ];
    const found = await ensureEnvironment(
      here.plan,
      here.machine,
      (line) => said.push(line),
      async () => installers,
    );
    expect(await works(found)).toBe(true);
    expect(said).toContain('uv could not install the test’s packages: No route to the index.');
  });

  it('refuses to begin without space on the disk', async () => {
    const here = await place();
    const machine = { ...here.machine, freeBytes: async () => 0 };
    await expect(ensure({ ...here, machine })).rejects.toMatchObject({ problem: { type: 'NoSpace' } });
  });

  it(
    'refuses a package whose hash is not that of the lock file, and says what to type',
    async () => {
      const here = await place();
      await writeFile(here.plan.lockFile, `tool==1.0 --hash=sha256:${'0'.repeat(64)}\n`);
      await expect(ensure(here)).rejects.toMatchObject({
        problem: {
          type: 'SetUpFailed',
          what: expect.stringContaining('DO NOT MATCH'),
          todo: expect.stringContaining(`pip install --require-hashes -r ${here.plan.lockFile}`),
        },
      });
    },
    patience,
  );

  it(
    'mends what a kill -9 in the middle of an installation left',
    async () => {
      const here = await place();
      const child = another(here, 'slow');
      const installer = await halfway(here, child);
      const [cutOff] = await attempts(here);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await works(await ensure(here))).toBe(true);
      expect(await attempts(here)).not.toContain(cutOff);
      process.kill(installer);
    },
    patience,
  );

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends its installer at %s, and then itself',
    async (signal) => {
      const here = await place();
      const child = another(here, 'slow');
      const installer = await halfway(here, child);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([null, signal]);
      expect(() => process.kill(installer, 0)).toThrow('ESRCH');
    },
    patience,
  );

  it(
    'lets a second process wait for the first, and install nothing',
    async () => {
      const here = await place();
      const both = [another(here, ''), another(here, '')];
      await Promise.all(both.map((child) => once(child, 'close')));
      const tools = both.map(({ lines }) => lines.at(-1));
      expect(tools[0]).toMatch(/^tool: /);
      expect(tools[1]).toBe(tools[0]);
      expect(both.filter(({ lines }) => lines.some((line) => line.startsWith('installing')))).toHaveLength(1);
      expect(await attempts(here)).toHaveLength(1);
    },
    patience,
  );

  it(
    'makes the environment anew when its Python has gone',
    async () => {
      const python = path.join(path.dirname(tool), 'python');
      const plan = { ...ready.plan, program: 'python' };
      await rm(python);
      await symlink('/nowhere/python3', python);
      const again = await ensure({ ...ready, plan });
      expect(await runCommand(again, ['-c', 'print(1)'])).toMatchObject({ code: 0 });
    },
    patience,
  );
});
