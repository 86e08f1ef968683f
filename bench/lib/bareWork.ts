/** How long a run's trainers, servers and questions took by themselves, from the files that they left. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { claimsOf } from '../../activities/processes/claims.js';
import { unlessMissing } from '../../activities/processes/there.js';
import { readJsonLines } from '../../activities/storage/files.js';
import type { FinishedRun } from './finishedRun.js';

/** All in seconds. */
export interface StepWork {
  step: string;
  wall: number;
  /** Trainers, from the start of their process to their last word. */
  training: number;
  /** Model servers, from the start of their process to the first question. */
  loading: number;
  /** Questions, from the first of a set to its last answer. */
  asking: number;
  /** The trainer's own answers to the probes of the parity gate. */
  probing: number;
}

/** Which step trains what, by the first part of the training's name. */
const stepOfTraining: Record<string, string> = {
  sanity: 'sanityCheck',
  sweep: 'sweep',
  mix: 'mixGeneric',
  coarse: 'trainStaged',
  fine: 'trainStaged',
};

/** Which step asks what, by the first part of the evaluation's name. */
const stepOfEvaluation: Record<string, string> = { before: 'promptFirst', sanity: 'sanityCheck', after: 'evaluate' };

interface Span {
  /** Seconds since 1970. */
  begun: number;
  ended: number;
}

export async function bareWorkOf(run: FinishedRun): Promise<StepWork[]> {
  const asked = await evaluationsOf(run.folder);
  const probing = await probingOf(run.folder);
  return Promise.all(
    run.steps.map(async ({ name, seconds }) => {
      const own = asked.filter(({ step }) => step === name);
      return {
        step: name,
        wall: seconds,
        training: sum(
          run.trainings.filter(({ name: job }) => stepOf(stepOfTraining, job) === name).map((job) => job.seconds),
        ),
        loading: await loadingOf(path.join(run.folder, 'serving', name), own),
        asking: sum(own.map(({ begun, ended }) => ended - begun)),
        probing: name === 'evaluate' ? probing : 0,
      };
    }),
  );
}

export function bareSeconds({ training, loading, asking, probing }: StepWork): number {
  return training + loading + asking + probing;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function stepOf(steps: Record<string, string>, name: string): string | undefined {
  return steps[name.split(/[/-]/)[0] ?? ''];
}

const JournalLine = z.looseObject({ seconds: z.number() });

/** When each set was asked: a journal's last line says how long it took, and was written at the end. */
async function evaluationsOf(runFolder: string): Promise<(Span & { step: string | undefined })[]> {
  const folder = path.join(runFolder, 'evaluation');
  const names = (await unlessMissing(readdir(folder))) ?? [];
  return Promise.all(
    names.map(async (name) => {
      const journal = path.join(folder, name, 'journal.jsonl');
      let seconds = 0;
      for await (const line of readJsonLines(journal)) seconds = Math.max(seconds, JournalLine.parse(line).seconds);
      const ended = await writtenAt(journal);
      return { step: stepOf(stepOfEvaluation, name), begun: ended - seconds, ended };
    }),
  );
}

/** From the start of each server to the first question put to it. One that was never asked counts whole, by its log. */
async function loadingOf(folder: string, asked: readonly Span[]): Promise<number> {
  const claims = await claimsOf(folder);
  const loads = claims.map(async ({ attempt }) => {
    const begun = await writtenAt(path.join(folder, 'attempts', `${attempt}.json`));
    const ended = await writtenAt(path.join(folder, `log-${attempt}.txt`));
    const first = Math.min(ended, ...asked.map((set) => set.begun).filter((at) => at >= begun));
    return first - begun;
  });
  return sum(await Promise.all(loads));
}

/** The prompt file is written before the trainer is asked for its answers, the request file after. */
async function probingOf(runFolder: string): Promise<number> {
  const answers = path.join(runFolder, 'parity', 'answers.jsonl');
  const [begun, ended] = await Promise.all(
    ['prompt.json', 'request.json'].map((suffix) => unlessMissing(writtenAt(`${answers}.${suffix}`))),
  );
  return typeof begun === 'number' && typeof ended === 'number' ? ended - begun : 0;
}

async function writtenAt(file: string): Promise<number> {
  return (await stat(file)).mtimeMs / 1000;
}
