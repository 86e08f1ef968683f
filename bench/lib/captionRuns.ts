/** The two arms of the captions bench: the real workflow on real workers, and the loop that one writes by hand. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CaptionResult } from '../../config/captioning.js';
import { taskQueues } from '../../config/queues.js';
import type { FakeEndpoint } from './fakeOpenai/process.js';
import type { FakeCounts } from './fakeOpenai/server.js';
import { cpuSecondsOf, type Quarter, watchMemory } from './memory.js';
import type { WorkerProcesses } from './workerProcesses.js';

export interface CaptionRunWish {
  fake: FakeEndpoint;
  /** Folder of pictures. */
  pictures: string;
  count: number;
  concurrency: number;
  windowSize: number;
  windowsAtOnce: number;
  /** Answers and datasets of this run lie in here. */
  into: string;
  name: string;
}

export interface BareRun {
  answered: number;
  failed: number;
  /** From the first file looked for to the last line written. */
  seconds: number;
  /** Of its process, meanwhile. */
  cpuSeconds: number;
}

export async function runBare({ fake, pictures, concurrency, into }: CaptionRunWish): Promise<BareRun> {
  await fake.forget();
  const script = fileURLToPath(new URL('./bareCaptions.ts', import.meta.url));
  const args = ['--import', 'tsx', script, pictures, `${into}.bare.jsonl`, fake.baseUrl, String(concurrency)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (text) => {
    printed += text;
  });
  await once(child, 'close');
  return JSON.parse(printed) as BareRun;
}

export interface WorkflowRun {
  result: CaptionResult;
  counts: FakeCounts;
  /** Seconds of the parts: the pictures listed, the windows captioned, filters and dataset. */
  listing: number;
  asking: number;
  finishing: number;
  /** Of the longest part. */
  historyEvents: number;
  historyBytes: number;
  parts: number;
  memory: Record<string, Quarter[]>;
  /** Of the workers that ask, their whole part; null where one was killed meanwhile. */
  askingCpuSeconds: number | null;
}

export async function runWorkflow(
  at: WorkerProcesses,
  wish: CaptionRunWish,
  disturb: () => Promise<void> = async () => undefined,
): Promise<WorkflowRun> {
  const { fake, pictures, concurrency, windowSize, windowsAtOnce, into, name } = wish;
  await fake.forget();
  const memory = watchMemory(() => pidsOf(at));
  const askers = [...at.workers].filter(([name]) => name.startsWith('vlm')).map(([, { pid }]) => pid);
  const cpuOfAskers = async () => sumOrNull(await Promise.all(askers.map(cpuSecondsOf)));
  const cpuBefore = await cpuOfAskers();
  const workflowId = `caption-${name}`;
  const endpoint = { baseUrl: fake.baseUrl, model: 'fake' };
  await at.client.workflow.start('captionImages', {
    workflowId,
    taskQueue: taskQueues.recipe,
    args: [{ images: pictures, endpoint, concurrency, windowSize, windowsAtOnce, into, name }],
  });
  const handle = at.client.workflow.getHandle(workflowId);
  await disturb();
  const result = (await handle.result()) as CaptionResult;
  const used = await memory.stop();
  const cpuAfter = await cpuOfAskers();
  const askingCpuSeconds = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
  const history = await historyOf(at, workflowId);
  return { result, counts: await fake.counts(), ...history, memory: used, askingCpuSeconds };
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

function pidsOf({ workers }: WorkerProcesses): Record<string, number> {
  return Object.fromEntries([...workers].flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid]])));
}

/** Kills a worker that asks, with -9, after each of these shares of the pictures, and starts it again. */
export async function killAt(at: WorkerProcesses, { fake, count }: CaptionRunWish, shares: number[]): Promise<void> {
  for (const share of shares) {
    while ((await fake.counts()).calls < share * count) await pause(200);
    await at.kill('vlm');
    await at.start('vlm');
  }
}

/** Times of the parts, by the events of all histories of the workflow. */
async function historyOf(at: WorkerProcesses, workflowId: string) {
  const runs: { events: number; bytes: number; runId: string; start: number }[] = [];
  for await (const { runId, historyLength, historySize, startTime } of at.client.workflow.list({
    query: `WorkflowId = '${workflowId}'`,
  }))
    runs.push({ events: historyLength ?? 0, bytes: historySize ?? 0, runId, start: startTime.getTime() });
  const began = Math.min(...runs.map(({ start }) => start));
  const ends: Record<string, number> = {};
  let closed = began;
  for (const { runId } of runs) {
    const names = new Map<string, string>();
    const { events } = await at.client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const {
      eventId,
      eventTime,
      activityTaskScheduledEventAttributes,
      activityTaskCompletedEventAttributes,
    } of events ?? []) {
      const time = Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6;
      closed = Math.max(closed, time);
      const scheduled = activityTaskScheduledEventAttributes?.activityType?.name;
      if (scheduled) names.set(String(eventId), scheduled);
      const done = names.get(String(activityTaskCompletedEventAttributes?.scheduledEventId));
      if (done) ends[done] = Math.max(ends[done] ?? 0, time);
    }
  }
  const listed = ends['listPictures'] ?? began;
  const asked = ends['captionWindow'] ?? listed;
  return {
    listing: (listed - began) / 1000,
    asking: (asked - listed) / 1000,
    finishing: (closed - asked) / 1000,
    historyEvents: Math.max(...runs.map(({ events }) => events)),
    historyBytes: Math.max(...runs.map(({ bytes }) => bytes)),
    parts: runs.length,
  };
}
