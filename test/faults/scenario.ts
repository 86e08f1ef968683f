/** One run of the task with the real engine, disturbed or not, and all that is to be known of it afterwards. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { claimsOf } from '../../activities/processes/claims.js';
import { runsFolder } from '../../cli/paths.js';
import type { RecordedDecision } from '../../config/decisions.js';
import { type BoostResult, ReportFacts } from '../../config/report.js';
import { removeRoot } from '../cli/dev/supervisor.js';
import { beginRun, endOfRun, type RunningEngine, startEngine } from './engine.js';
import { type FaultyRun, journalLines, type Struck } from './faults.js';
import { processesAt, type TrainerWatch, watchTrainers } from './processes.js';
import { engineEnvironment, faultTask, makeProject } from './project.js';
import { type Training, trainingsOf } from './trainings.js';

export interface Outcome {
  result: BoostResult;
  /** By id. */
  decisions: RecordedDecision[];
  trainings: Training[];
  trainers: Pick<TrainerWatch, 'pids' | 'together'>;
  /** A blow for each fault, in order. */
  struck: Struck[];
  /** Model servers started, a number for each step that has one. */
  servers: number[];
  /** Questions that were put to a model again after they were answered. */
  askedAgain: string[];
  /** Of the engine at Ctrl-C in the end. */
  exitCode: number | null;
  leftBehind: string[];
  /** From the start of the run to its end. */
  seconds: number;
}

/** Runs the task under faults, from its start to Ctrl-C. What it started is ended, and its folder removed, even where it fails. */
export async function play({ name, faults }: FaultyRun): Promise<Outcome> {
  const root = await makeProject();
  const trainers = watchTrainers(root);
  let engine: RunningEngine | null = null;
  try {
    engine = await startEngine(root, engineEnvironment);
    const began = Date.now();
    const workflowId = await beginRun(engine, root, faultTask.name);
    const struck: Struck[] = [];
    for (const fault of faults) {
      const blow = await fault.strike(root, engine);
      engine = blow.engine;
      struck.push(blow);
    }
    const result = await endOfRun(engine, workflowId, faultTask.runMinutes);
    const seconds = (Date.now() - began) / 1000;
    engine.child.kill('SIGINT');
    const exitCode = await engine.exited;
    const leftBehind = await processesAt(root);
    await trainers.stop();
    return { result, trainers, struck, exitCode, leftBehind, seconds, ...(await readRun(root, result.run)) };
  } catch (error) {
    throw new Error(`${name}: ${error}\n${engine?.said() ?? ''}`, { cause: error });
  } finally {
    await trainers.stop();
    await endAll(root);
    await removeRoot(root);
  }
}

export async function readRun(root: string, run: string) {
  const folder = path.join(runsFolder(root), run);
  const report = ReportFacts.loose().parse(JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8')));
  const steps = await readdir(path.join(folder, 'serving'));
  const journals = await journalLines(root);
  return {
    decisions: report.decisions.sort((left, right) => left.id.localeCompare(right.id)),
    trainings: await trainingsOf(root),
    servers: await Promise.all(steps.map(async (step) => (await claimsOf(path.join(folder, 'serving', step))).length)),
    askedAgain: journals.flatMap((ids) => ids.filter((id, index) => ids.indexOf(id) !== index)),
  };
}

/** Whatever of this folder still lives, after a scenario that failed. */
async function endAll(root: string): Promise<void> {
  for (const line of await processesAt(root)) process.kill(Number.parseInt(line, 10), 'SIGKILL');
}
