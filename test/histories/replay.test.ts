/** What ran must go on running: workflow code of today takes up the runs that this folder holds. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { bundleWorkflowCode, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import * as workflows from '../../workflows/index.js';
import { type StoredHistory, storedHistories } from './stored.js';

jest.setTimeout(120_000);

const repository = fileURLToPath(new URL('../..', import.meta.url));
const histories = storedHistories();
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

function storedAs(name: string): StoredHistory {
  const found = histories.find((each) => each.name === name);
  if (!found) throw new Error(`There is no history ${name}.`);
  return found;
}

function replay(workflowBundle: WorkflowBundleWithSourceMap, { history, workflowId }: StoredHistory): Promise<void> {
  return Worker.runReplayHistory({ workflowBundle }, history, workflowId);
}

beforeAll(() => {
  Runtime.install({ logger: quiet as never });
});

describe('histories of real runs', () => {
  let workflowBundle: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    workflowBundle = await bundleWorkflowCode({ workflowsPath: path.join(repository, 'workflows/index.ts') });
  });

  it.each(histories.map(({ name }) => name))('%s is replayed by the workflows as they are', async (name) => {
    await replay(workflowBundle, storedAs(name));
  });

  it('hold every workflow', () => {
    const types = histories
      .filter(({ name }) => /^(whole|aligned)\//.test(name))
      .map(({ workflowType }) => workflowType);
    expect([...new Set(types)].sort()).toEqual(Object.keys(workflows).sort());
  });

  it('hold a run whose gpu worker was killed while it watched a training', () => {
    expect(storedAs('killed/sanityCheck.sanity').text).toContain('activity Heartbeat timeout');
    expect(storedAs('killed/boost').events.at(-1)?.eventType).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED');
  });

  it('hold a run that was cancelled in mid-training, down to the training', () => {
    for (const name of ['boost', 'sanityCheck', 'sanityCheck.sanity']) {
      const { events } = storedAs(`cancelled/${name}`);
      expect(events.at(-1)?.eventType).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED');
    }
  });

  it('hold a run that was overruled: ahead, in a training, and back to what was acted upon', () => {
    const updates = storedAs('overruled/boost').events.filter(({ eventType }) =>
      eventType.endsWith('UPDATE_COMPLETED'),
    );
    expect(updates).toHaveLength(3);
  });

  it('name no place of the machine that they were recorded on', () => {
    const absolute = /(?<![\w.:~/])\/(?:home|root|Users|work|opt|usr|mnt|private|var|tmp)\/[\w./-]*/g;
    const places = new Set(histories.flatMap(({ text }) => text.match(absolute) ?? []));
    expect([...places].filter((place) => !place.startsWith('/tmp/anneal-demo/'))).toEqual([]);
  });
});

describe('workflows whose steps come in another order', () => {
  let copy: string;
  beforeEach(async () => {
    copy = await mkdtemp(path.join(os.tmpdir(), 'anneal-swapped-'));
    for (const each of ['workflows', 'config', 'package.json'])
      await cp(path.join(repository, each), path.join(copy, each), { recursive: true });
    await symlink(path.join(repository, 'node_modules'), path.join(copy, 'node_modules'));
  });
  afterEach(() => rm(copy, { recursive: true, force: true }));

  it('do not take up the runs of before', async () => {
    const file = path.join(copy, 'workflows/boost.ts');
    const paragraphs = (await readFile(file, 'utf8')).split('\n\n');
    const [prompt, sanity] = ['const prompt = ', 'const sanity = '].map((begin) =>
      paragraphs.findIndex((paragraph) => paragraph.trimStart().startsWith(begin)),
    );
    const moved = paragraphs.splice(sanity ?? 0, 1);
    paragraphs.splice(prompt ?? 0, 0, ...moved);
    await writeFile(file, paragraphs.join('\n\n'));
    const swapped = await bundleWorkflowCode({ workflowsPath: path.join(copy, 'workflows/index.ts') });
    await expect(replay(swapped, storedAs('whole/boost'))).rejects.toThrow(DeterminismViolationError);
  });
});
