/** What is done to a run: who is killed, when, and what is to come of it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { livingProcesses } from '../../activities/processes/living.js';
import { unlessMissing } from '../../activities/processes/there.js';
import { runsFolder } from '../../cli/paths.js';
import { livingAfter } from '../cli/dev/supervisor.js';
import { type RunningEngine, startEngine } from './engine.js';
import { processesAt } from './processes.js';
import { engineEnvironment, faultTask } from './project.js';
import { untilMidway } from './trainings.js';

/** A blow that was struck. */
export interface Struck {
  /** The engine that the run ends on. */
  engine: RunningEngine;
  /** The training that it came in, where it came in one. */
  training: string | null;
  /** What was seen of it that must hold, as text; empty where all is well. */
  complaints: string[];
}

export interface Fault {
  name: string;
  /** Attempts of the training that it came in: two where the trainer itself ends. */
  attempts: number;
  /** Model servers started in the step that it came in. */
  servers: number;
  strike(root: string, engine: RunningEngine): Promise<Struck>;
}

const minutes = faultTask.runMinutes;
const kill9 = (pid: number | undefined) => pid !== undefined && process.kill(pid, 'SIGKILL');

/** In the order in which a run comes to where they strike. */
const faults = {
  modelServer: {
    name: 'kill -9 of the model server',
    attempts: 1,
    servers: 2,
    async strike(root, engine) {
      await untilAsked(root, 'sanity-train', 10);
      const servers = (await livingProcesses(runsFolder(root))).filter(({ kind }) => kind === 'server');
      for (const server of servers) kill9(server.process.pid);
      return { engine, training: null, complaints: servers.length === 1 ? [] : [`${servers.length} servers lived`] };
    },
  },
  gpuWorker: {
    name: 'kill -9 of the gpu worker',
    attempts: 1,
    servers: 1,
    async strike(root, engine) {
      const { name } = await untilMidway(root, 'sweep', minutes);
      kill9(engine.facts.children['worker-gpu']?.pid);
      return { engine, training: name, complaints: [] };
    },
  },
  engine: {
    name: 'kill -9 of the supervisor and the Temporal server',
    attempts: 1,
    servers: 1,
    async strike(root, { child, facts }) {
      const { name } = await untilMidway(root, 'mix', minutes);
      kill9(child.pid);
      kill9(facts.children['temporal-server']?.pid);
      const left = await livingAfter(Object.values(facts.children), 10);
      const complaints = left.map(({ pid }) => `process ${pid} of the killed engine lived on for 10 s`);
      return { engine: await startEngine(root, engineEnvironment), training: name, complaints };
    },
  },
  interrupt: {
    name: 'Ctrl-C in mid-training',
    attempts: 2,
    servers: 1,
    async strike(root, { child, exited }) {
      const { name } = await untilMidway(root, 'mix', minutes);
      child.kill('SIGINT');
      const code = await exited;
      const left = await processesAt(root);
      const complaints = [...(code === 0 ? [] : [`exit code ${code}`]), ...left.map((line) => `left behind: ${line}`)];
      return { engine: await startEngine(root, engineEnvironment), training: name, complaints };
    },
  },
  trainer: {
    name: 'kill -9 of the trainer',
    attempts: 2,
    servers: 1,
    async strike(root, engine) {
      const { name, pid } = await untilMidway(root, 'coarse', minutes);
      kill9(pid);
      return { engine, training: name, complaints: [] };
    },
  },
} satisfies Record<string, Fault>;

/** A run of the task and what is done to it. */
export interface FaultyRun {
  name: string;
  faults: Fault[];
}

const { modelServer, gpuWorker, engine, interrupt, trainer } = faults;
/** The short task shows that all is well after several blows as after one; a long one shows what each blow costs. */
const groups: Fault[][] =
  faultTask.name === 'bins'
    ? [
        [modelServer, engine, trainer],
        [gpuWorker, interrupt],
      ]
    : Object.values(faults).map((fault) => [fault]);

export const faultyRuns: FaultyRun[] = groups.map((group) => ({
  name: group.map(({ name }) => name).join(', '),
  faults: group,
}));

/** Waits until a model server has answered so many questions of an evaluation. */
async function untilAsked(root: string, evaluation: string, answers: number): Promise<void> {
  const deadline = Date.now() + minutes * 60_000;
  while (Date.now() < deadline) {
    if ((await journalLines(root, evaluation)).flat().length >= answers) return;
    await pause(20);
  }
  throw new Error(`The evaluation ${evaluation} never had ${answers} answers in ${minutes} minutes.`);
}

/** The ids in the journals of an evaluation, a journal a list: no question may be asked twice. */
export async function journalLines(root: string, evaluation = ''): Promise<string[][]> {
  const files = (await unlessMissing(readdir(runsFolder(root), { recursive: true }))) ?? [];
  const journals = files.filter((file) => file.includes(`/evaluation/${evaluation}`) && file.endsWith('journal.jsonl'));
  return Promise.all(
    journals.map(async (file) => {
      const lines = (await readFile(path.join(runsFolder(root), file), 'utf8')).split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line).id as string);
    }),
  );
}
