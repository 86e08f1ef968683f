import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { endLocalProcesses } from '../../activities/processes/living.js';
import { createServingActivities } from '../../activities/serving/index.js';
import { toUri } from '../../activities/storage/files.js';
import { ensureEnvironment } from '../../cli/setup/lockedEnvironment.js';
import { thisMachine } from '../../cli/setup/machine.js';
import { taskQueues } from '../../config/queues.js';
import type { Endpoint } from '../../config/serving.js';
import { python } from '../activities/tinyModel.js';
import { depsOf } from '../activities/training/standIn.js';
import { freePort, withoutTemporal } from '../cli/dev/supervisor.js';
import { repository } from '../docs/pages.js';
import { makeConsumer, pack } from './consumer.js';

/** A run takes 10 s on a quiet machine. */
jest.setTimeout(240_000);

const execute = promisify(execFile);
const executable = process.env['ANNEAL_TEMPORAL_CLI'];

let folder: string;
let consumer: string;
let packed: string[];
/** The interpreter of an environment that has Temporal's Python SDK. */
let pythonSdk: string;
let environment: TestWorkflowEnvironment;
let worker: ChildProcess;
let workerSaid = '';
let env: NodeJS.ProcessEnv;

/** One server and one platform process for all; each caller has a run of its own. */
beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'anneal-embedding-')));
  consumer = path.join(folder, 'platform');
  const root = path.join(folder, 'tuning');
  const tarballs = path.join(folder, 'packed');
  await mkdir(tarballs);
  const httpPort = await freePort();
  environment = await TestWorkflowEnvironment.createLocal({
    server: {
      ...(executable ? { executable: { type: 'existing-path', path: executable } } : {}),
      extraArgs: ['--http-port', String(httpPort)],
    },
  });
  const serving = createServingActivities(depsOf({ python, pollMilliseconds: 500 }).deps);
  const model = toUri(path.join(repository, 'trainer/tiny_vlm/model'));
  const served = serving.startServing({ key: 'embedding', model, folder: toUri(path.join(folder, 'served')) });
  const lockFile = fileURLToPath(new URL('./python/requirements.lock', import.meta.url));
  const plan = { name: 'python-sdk', what: 'Temporal’s Python SDK', lockFile, neededBytes: 0.2e9, program: 'python' };
  pythonSdk = await ensureEnvironment(plan, thisMachine(), () => undefined);
  const { tarball, files } = await pack(tarballs);
  packed = files;
  await makeConsumer(consumer, tarball);
  await makeTask(path.join(root, 'shapes'), await served);
  await environment.createNexusEndpoint('anneal', taskQueues.recipe);
  const server = { TEMPORAL_ADDRESS: environment.address, TEMPORAL_HTTP: `http://127.0.0.1:${httpPort}` };
  env = { ...withoutTemporal(), ...server, ANNEAL_ROOT: root, ANNEAL_PYTHON: python };
  worker = spawn(process.execPath, ['built/worker.js'], { cwd: consumer, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (text) => (workerSaid += text));
}, 600_000);

afterAll(async () => {
  if (worker.exitCode === null) {
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGTERM');
    await exited;
  }
  await endLocalProcesses(folder, 'kill');
  await environment.teardown();
  await rm(folder, { recursive: true, force: true });
});

/** The embedded model solves it by the prompt; a few records say so as well as the 640 of the example. */
async function makeTask(into: string, { baseUrl, model }: Endpoint): Promise<void> {
  const example = path.join(repository, 'examples/shapes');
  await cp(example, into, { recursive: true });
  const task = JSON.parse(await readFile(path.join(example, 'task.json'), 'utf8'));
  const records = (await readFile(path.join(example, 'records.jsonl'), 'utf8')).split('\n').slice(0, 100);
  await writeFile(path.join(into, 'records.jsonl'), `${records.join('\n')}\n`);
  const split = { train: 0.3, dev: 0.05, validation: 0.05, test: 0.6 };
  const short = { target: { score: 0.7, formatValidity: 0.7 }, recipe: { onQuestion: 'stop', data: { split } } };
  await writeFile(path.join(into, 'task.json'), JSON.stringify({ ...task, ...short, endpoint: { baseUrl, model } }));
}

/** Runs one of the consumer's programs to its end; what it printed last. */
async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(command, args, { cwd: consumer, env }).catch((error: Error) => {
    throw new Error(`${error.message}\nThe worker said: ${workerSaid.slice(-4000)}`);
  });
  return stdout.trim().split('\n').at(-1) ?? '';
}

const node = (file: string) => run(process.execPath, file);

describe('the tarball', () => {
  it('has the program, its types and the trainer, and neither tests nor sources', () => {
    const rooms = new Set(packed.map((file) => file.split('/')[0]));
    expect([...rooms].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'cli',
        'deploy',
        'docs',
        'examples',
        'lib',
        'package.json',
        'schemas',
        'trainer',
      ].sort(),
    );
    const strange = /(^|\/)(tests?|__pycache__|node_modules|bench)\/|\.test\.|(?<!\.d)\.ts$/;
    expect(packed.filter((file) => strange.test(file))).toEqual([]);
    for (const entry of ['workflows', 'activities', 'client', 'worker', 'connection', 'config'])
      expect(packed).toEqual(expect.arrayContaining([`lib/embedding/${entry}.js`, `lib/embedding/${entry}.d.ts`]));
  });

  it('brings one copy of each of the SDK’s packages, the version that it names as peer', async () => {
    const { stdout } = await execute('npm', ['ls', '--all', '--parseable', '--long'], { cwd: consumer, env });
    const copies = [...stdout.matchAll(/:(@temporalio\/[\w-]+)@([\d.]+)/g)].map(
      ([, name, version]) => `${name}@${version}`,
    );
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(
      await readFile(path.join(repository, 'package.json'), 'utf8'),
    );
    const peers = Object.entries(peerDependencies)
      .filter(([name]) => name.startsWith('@temporalio/') && !peerDependenciesMeta[name]?.optional)
      .map(([name, version]) => `${name}@${version}`);
    expect(copies.length).toBe(new Set(copies).size);
    expect(copies).toEqual(expect.arrayContaining(peers));
  });

  it('has the command', async () => {
    expect(await node('node_modules/anneal-vlm/cli/anneal.mjs').catch(String)).toContain('anneal');
    expect(await run(process.execPath, 'node_modules/anneal-vlm/cli/anneal.mjs', '--version')).toBe('0.1.0');
  });

  it('gives the schemas to whoever asks by name', () => {
    const require = createRequire(path.join(consumer, 'package.json'));
    expect(require('anneal-vlm/schemas/boost.input.schema.json')).toMatchObject({ required: ['task'] });
    const { properties } = require('anneal-vlm/schemas/sweep.input.schema.json');
    expect(require(`anneal-vlm/schemas/${properties.recipe.$ref}`)).toMatchObject({ type: 'object' });
  });
});

describe('a run to its end', () => {
  it('by the client, from ESM and from CommonJS', async () => {
    const [esm, commonjs] = await Promise.all([node('built/client.js'), node('built/commonjs.cjs')]);
    const result = JSON.parse(esm);
    expect(result).toMatchObject({ outcome: 'promptEnough', decisions: ['buildDataset', 'promptFirst'] });
    expect(JSON.parse(commonjs)).toMatchObject({ outcome: 'promptEnough', waitsForPerson: false });
    expect(await readFile(fileURLToPath(result.reportUri), 'utf8')).toContain('shapes');
    expect(workerSaid).toMatch(/scored \d+ answers/); // by the activity that the page replaces
  });

  it('as a child on the platform’s own queue, by the plugin', async () => {
    const workflowId = 'onboard-own';
    const { client } = environment;
    const options = { args: ['shapes'], taskQueue: 'platform', workflowId };
    expect(await client.workflow.execute('onboard', options)).toBe('promptEnough');
    const queues = await queuesOfActivities(workflowId);
    expect(queues).toEqual(['platform']);
  });

  it('as a child of a Python workflow', async () => {
    // Temporal's Python SDK may abort the interpreter when all is done (sdk-python issue 300): what it printed counts.
    const { stdout, stderr } = await execute(pythonSdk, ['-u', 'parent.py'], { cwd: consumer, env }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    expect({ outcome: stdout.trim(), stderr }).toMatchObject({ outcome: 'promptEnough' });
  });

  it('by plain HTTP', async () => {
    expect(JSON.parse(await node('http.mjs'))).toMatchObject({ outcome: 'promptEnough', waitsForPerson: false });
  });

  it('by the Nexus service', async () => {
    const options = { args: ['shapes'], taskQueue: 'platform', workflowId: 'onboard-nexus' };
    expect(await environment.client.workflow.execute('onboardElsewhere', options)).toBe('promptEnough');
  });
});

/** Queues that the activities of a workflow and of those under it, were called on. */
async function queuesOfActivities(parent: string): Promise<string[]> {
  const { client } = environment;
  const queues = new Set<string>();
  const visit = async (workflowId: string): Promise<void> => {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    for (const event of events ?? []) {
      const queue = event.activityTaskScheduledEventAttributes?.taskQueue?.name;
      if (queue) queues.add(queue);
      const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId;
      if (child) await visit(child);
    }
  };
  await visit(parent);
  return [...queues];
}
