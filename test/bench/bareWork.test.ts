import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { bareWorkOf } from '../../bench/lib/bareWork.js';
import type { FinishedRun } from '../../bench/lib/finishedRun.js';

const begun = Date.parse('2026-01-01T00:00:00Z') / 1000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'anneal-bare-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A file of the run, written so many seconds after its beginning. */
async function wrote(name: string, after: number, content: string): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  await utimes(file, begun + after, begun + after);
}

async function served(step: string, started: number, ended: number): Promise<void> {
  const process = { pid: 1, startedAt: '1' };
  const claim = { attempt: 1, claimer: process, process, port: 1 };
  await wrote(`serving/${step}/attempts/1.json`, started, JSON.stringify(claim));
  await wrote(`serving/${step}/log-1.txt`, ended, 'INFO: Finished server process [1]\n');
}

const asked = (name: string, ended: number, seconds: number) =>
  wrote(`evaluation/${name}/journal.jsonl`, ended, `{"seconds":${seconds / 2}}\n{"seconds":${seconds}}\n`);

function runWith(steps: FinishedRun['steps'], trainings: { name: string; seconds: number }[]): FinishedRun {
  return { folder, steps, trainings } as unknown as FinishedRun;
}

it('counts trainers, loading, questions and the probes of parity to the step that needed them', async () => {
  await served('promptFirst', 10, 61);
  await asked('before-test-0123', 40, 24);
  await asked('before-generic-4567', 60, 19);
  await served('evaluate', 200, 240);
  await asked('after-89ab-test-cdef', 235, 30);
  await wrote('parity/answers.jsonl.prompt.json', 190, '{}');
  await wrote('parity/answers.jsonl.request.json', 197, '[]');
  const steps = ['promptFirst', 'sweep', 'trainStaged', 'evaluate'].map((name) => ({ name, seconds: 99 }));
  const trainings = { 'sweep/0.001': 20, 'sweep/0.002': 21, coarse: 30, fine: 31, 'mix/1-1': 5 };
  const named = Object.entries(trainings).map(([name, seconds]) => ({ name, seconds }));
  expect(await bareWorkOf(runWith(steps, named))).toEqual([
    { step: 'promptFirst', wall: 99, training: 0, loading: 6, asking: 43, probing: 0 },
    { step: 'sweep', wall: 99, training: 41, loading: 0, asking: 0, probing: 0 },
    { step: 'trainStaged', wall: 99, training: 61, loading: 0, asking: 0, probing: 0 },
    { step: 'evaluate', wall: 99, training: 0, loading: 5, asking: 30, probing: 7 },
  ]);
});

it('counts a server that was never asked by its log, and needs no file of a step without one', async () => {
  await served('sanityCheck', 5, 9);
  const steps = ['buildDataset', 'sanityCheck'].map((name) => ({ name, seconds: 10 }));
  const [built, checked] = await bareWorkOf(runWith(steps, []));
  expect(built).toMatchObject({ training: 0, loading: 0, asking: 0, probing: 0 });
  expect(checked).toMatchObject({ loading: 4, asking: 0 });
});
