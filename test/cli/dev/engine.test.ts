import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../../../config/queues.js';
import { newKeyLine } from '../../../connection/keys.js';
import { foundIn } from '../../connection/planted.js';
import {
  freePorts,
  killSupervisors,
  type Line,
  livingAfter,
  makeRoot,
  removeRoot,
  type Supervisor,
  startSupervisor,
} from './supervisor.js';

jest.setTimeout(180_000);
afterAll(killSupervisors);

const ready = ({ ready: facts }: Line) => facts;
const childrenOf = ({ children }: NonNullable<Line['ready']>) => Object.values(children);
const said = (text: string) => (line: Line) => (line.said?.includes(text) ? line.said : undefined);

describe('the embedded engine', () => {
  const key = newKeyLine();
  let root: string;
  let supervisor: Supervisor;
  let facts: NonNullable<Line['ready']>;

  beforeAll(async () => {
    root = await makeRoot();
    supervisor = await startSupervisor(root, await freePorts(), { ANNEAL_ENCRYPTION_KEYS: key });
    facts = await supervisor.until(ready);
  });
  afterAll(async () => {
    await removeRoot(root);
  });

  it('listens on the loopback address alone', async () => {
    const { stdout } = await promisify(execFile)('ss', ['-ltnpH']);
    const server = `pid=${facts.children['temporal-server']?.pid},`;
    const own = stdout.split('\n').filter((line) => line.includes(server) || line.includes(`pid=${facts.pid},`));
    expect(own.length).toBeGreaterThan(1);
    for (const line of own) expect(line.split(/\s+/)[3]).toMatch(/^127\.0\.0\.1:/);
  });

  it('keeps closed runs for 30 days and knows our search attributes', async () => {
    const connection = await Connection.connect({ address: facts.address });
    try {
      const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
      const known = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
      expect(Object.keys(known.customAttributes ?? {})).toEqual(
        expect.arrayContaining(Object.values(searchAttributes)),
      );
    } finally {
      await connection.close();
    }
  });

  it('tells the workers where the server is', async () => {
    const log = await readFile(path.join(root, '.anneal/logs/worker-gpu.log'), 'utf8');
    expect(log).toBe(`worker gpu at ${facts.address}, namespace default\n`);
  });

  it('has a codec server where it has keys, and tells Temporal’s page of it', async () => {
    const settings = await (await fetch(`${facts.ui}/api/v1/settings`)).json();
    expect(settings).toMatchObject({ Codec: { Endpoint: facts.codec } });
    const headers = { origin: facts.ui ?? '', 'content-type': 'application/json' };
    const answer = await fetch(`${facts.codec}/encode`, { method: 'POST', headers, body: '{"payloads": [{}]}' });
    expect(answer.headers.get('access-control-allow-origin')).toBe(facts.ui);
    const hidden = Buffer.from('binary/encrypted').toString('base64');
    expect(await answer.json()).toMatchObject({ payloads: [{ metadata: { encoding: hidden } }] });
  });

  it('keeps the keys from the Temporal server, and out of the files that it writes', async () => {
    const pids = ['temporal', 'temporal-server'].map((name) => facts.children[name]?.pid);
    for (const pid of pids) expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain(key);
    expect(await readFile(`/proc/${facts.children['worker-gpu']?.pid}/environ`, 'utf8')).toContain(key);
    expect(await foundIn(path.join(root, '.anneal'), { key })).toEqual([]);
  });

  it('is found by a second supervisor in the same folder, which starts nothing', async () => {
    const second = await startSupervisor(root, {});
    expect(await second.until(({ found }) => found)).toMatchObject({ pid: facts.pid, address: facts.address });
    expect(await second.exited).toBe(0);
  });

  it('starts a killed worker again and says so', async () => {
    process.kill(facts.children['worker-vlm']?.pid ?? 0, 'SIGKILL');
    await supervisor.until(said('worker-vlm ended (SIGKILL); it starts again in 1 s.'));
    await supervisor.until(said('worker-vlm runs again.'));
  });

  it('starts a killed Temporal server again, on the same port', async () => {
    process.kill(facts.children['temporal-server']?.pid ?? 0, 'SIGKILL');
    await supervisor.until(said('temporal ended'));
    await supervisor.until(said('temporal runs again.'));
    await (await Connection.connect({ address: facts.address })).close();
  });

  it('frees the port of a server whose leash was killed', async () => {
    const noted = JSON.parse(await readFile(path.join(root, '.anneal/engine.json'), 'utf8'));
    const before = supervisor.lines.length;
    process.kill(noted.children.temporal.pid, 'SIGKILL');
    await supervisor.until((line) =>
      supervisor.lines.indexOf(line) >= before ? said('runs again.')(line) : undefined,
    );
    expect(await livingAfter([noted.children['temporal-server']], 0)).toEqual([]);
  });

  it('ends everything when it is told to, and says what', async () => {
    const noted = JSON.parse(await readFile(path.join(root, '.anneal/engine.json'), 'utf8'));
    supervisor.child.kill('SIGINT');
    expect(await supervisor.exited).toBe(0);
    const ended = supervisor.lines.map((line) => /^ended (.*)/.exec(line.said ?? '')?.[1]).filter(Boolean);
    expect(ended).toEqual(['workers recipe, data, vlm, gpu', 'the Temporal server', 'the report server']);
    expect(await livingAfter(childrenOf(noted), 0)).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  let root: string;
  beforeEach(async () => {
    root = await makeRoot();
  });
  afterEach(() => removeRoot(root));

  it('lets a trainer write its checkpoint, and a second one hurries; npm’s echo of the first does not', async () => {
    const supervisor = await startSupervisor(root, await freePorts(), { STUB_ENDING: 'slow' });
    const facts = await supervisor.until(ready);
    supervisor.child.kill('SIGINT');
    supervisor.child.kill('SIGINT');
    await supervisor.until(said('Ending; a training that runs writes a checkpoint first'));
    await new Promise((wait) => setTimeout(wait, 1000));
    expect(supervisor.child.exitCode).toBeNull();
    supervisor.child.kill('SIGINT');
    expect(await supervisor.exited).toBe(0);
    expect(await supervisor.until(said('ended trainer'))).toBeDefined();
    expect(await livingAfter(childrenOf(facts), 0)).toEqual([]);
  });

  it('during the start leaves nothing behind', async () => {
    const supervisor = await startSupervisor(root, await freePorts());
    const noted = path.join(root, '.anneal/engine.json');
    while (!(await readFile(noted, 'utf8').catch(() => '')).includes('temporal-server'))
      await new Promise((wait) => setTimeout(wait, 20));
    const { children } = JSON.parse(await readFile(noted, 'utf8'));
    supervisor.child.kill('SIGTERM');
    expect(await supervisor.exited).toBe(5);
    expect(supervisor.lines.some((line) => line.ready)).toBe(false);
    expect(await livingAfter(Object.values(children), 0)).toEqual([]);
  });
});

describe('an engine that is killed', () => {
  it('leaves nothing behind after 5 seconds, and the next one goes on from its database', async () => {
    const root = await makeRoot();
    const ports = await freePorts();
    const first = await startSupervisor(root, ports);
    const facts = await first.until(ready);
    first.child.kill('SIGKILL');
    const next = await startSupervisor(root, ports); // at once, while the children of the first are still ending
    try {
      expect(await livingAfter(childrenOf(facts), 5)).toEqual([]);
      await next.until(said('did not end in order'));
      expect(await next.until(ready)).toMatchObject({ address: facts.address });
    } finally {
      next.child.kill('SIGTERM');
      await next.exited;
      await removeRoot(root);
    }
  });
});

describe('a server that TEMPORAL_ADDRESS names', () => {
  it('is used instead of an embedded one, and is left alone in the end', async () => {
    const [root, theirRoot] = [await makeRoot(), await makeRoot()];
    const theirs = await startSupervisor(theirRoot, await freePorts());
    const { address, children } = await theirs.until(ready);
    const { reportPort } = await freePorts();
    const ours = await startSupervisor(root, { reportPort }, { TEMPORAL_ADDRESS: address });
    try {
      const facts = await ours.until(ready);
      expect(facts).toMatchObject({ address, namespace: 'default', ui: null });
      expect(Object.keys(facts.children).sort()).toEqual(['worker-data', 'worker-gpu', 'worker-recipe', 'worker-vlm']);
      ours.child.kill('SIGTERM');
      expect(await ours.exited).toBe(0);
      expect(await livingAfter(Object.values(children), 0)).toHaveLength(Object.keys(children).length);
    } finally {
      for (const each of [ours, theirs]) each.child.kill('SIGTERM');
      await Promise.all([ours.exited, theirs.exited]);
      await Promise.all([removeRoot(root), removeRoot(theirRoot)]);
    }
  });
});

describe('two engines that start at once in one folder', () => {
  it('become one: the other finds it', async () => {
    const root = await makeRoot();
    const ports = await freePorts();
    const both = await Promise.all([startSupervisor(root, ports), startSupervisor(root, ports)]);
    try {
      const answers = await Promise.all(both.map((each) => each.until((line) => line.ready ?? line.found)));
      expect(answers[0]?.pid).toBe(answers[1]?.pid);
      expect(both.flatMap(({ lines }) => lines).filter((line) => line.ready)).toHaveLength(1);
    } finally {
      for (const each of both) each.child.kill('SIGTERM');
      await Promise.all(both.map((each) => each.exited));
      await removeRoot(root);
    }
  });
});
