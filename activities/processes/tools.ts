/** Commands of the Python side that end by themselves within an activity: they live no longer than it does. */
import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { z } from 'zod';
import { type Problem, problem } from '../../config/problems.js';
import { writeJson } from '../storage/files.js';
import {
  childEnvironment,
  type Ending,
  endProcess,
  logTail,
  signalProcess,
  spawnDetached,
  waitUntilGone,
} from './detached.js';
import { isLiving, ProcessIdentity } from './identity.js';
import { type ActivityLife, uninterrupted } from './life.js';
import { Pulse } from './pulse.js';
import { isThere, readAs, readIfThere, unlessDamaged } from './there.js';

/** The interpreter, and the folder that holds the package `anneal_trainer`. */
export interface PythonSide {
  python: string;
  trainerFolder: string;
  /** A command that neither uses the processor nor says anything for so long is ended, in seconds; 1800 when left out. */
  toolStallsAfterSeconds?: number;
}

export function trainerEnvironment({ trainerFolder }: PythonSide): Record<string, string> {
  return childEnvironment({
    PYTHONPATH: trainerFolder,
    PYTHONUNBUFFERED: '1',
    PYTHONNOUSERSITE: '1',
    HF_HUB_OFFLINE: '1',
    TOKENIZERS_PARALLELISM: 'false',
  });
}

/** The exit code by which the Python side says that the fault is in what it was given. */
const yourInput = 2;

const doctor = { type: 'Internal', todo: 'Run `anneal doctor`; it says what is missing on this machine.' } as const;

/** A question looks at files and loads libraries; what takes longer than this, in seconds, hangs, on a file system that is away perhaps. */
const answerSeconds = 480;

/**
 * Asks a short question of the Python side; its answer is the JSON on its standard output. What is wrong with the input is
 * thrown as `refusal`.
 */
export async function askTrainer(
  side: PythonSide,
  question: string[],
  refusal?: Pick<Problem, 'type' | 'todo'>,
): Promise<unknown> {
  const seconds = Math.min(answerSeconds, side.toolStallsAfterSeconds ?? answerSeconds);
  const limits = { maxBuffer: 2 ** 20, timeout: seconds * 1000, killSignal: 'SIGKILL' } as const;
  const options = { cwd: '/', env: trainerEnvironment(side), ...limits };
  const answer = await promisify(execFile)(side.python, ['-m', 'anneal_trainer', ...question], options).catch(
    (error: Error & { code?: unknown; killed?: boolean; stderr?: string }) => {
      const { type, todo } = (error.code === yourInput && refusal) || doctor;
      const hung =
        error.killed && error.code === null
          ? `stalled: the trainer did not answer "${question[0]}" within ${seconds} s. `
          : '';
      const what = hung + (error.stderr?.trim() || error.message).slice(-1200);
      throw problem(type, { what, where: question[1] ?? side.python, todo }, { cause: error });
    },
  );
  return JSON.parse(answer.stdout);
}

export interface Tool {
  /** Name of the subcommand, shown while it runs. */
  name: string;
  /** Its arguments, without the one that names the output. */
  arguments: string[];
  /** What it reads besides, where a name alone doesn't say what is in it. */
  inputs?: unknown[];
  /** What it makes, a file or a folder: there only when it is whole. */
  output: string;
  /** What is thrown when the command itself gives up, in place of `Internal`. */
  refusal?: Pick<Problem, 'type' | 'todo'>;
}

/** Ends in a row after which a command is not tried again: it is killed for its memory each time, or broken. */
const fruitlessEnds = 5;

/** Those of them by a hang: what hangs will mostly hang again, and each time costs its whole patience. */
const fruitlessStalls = 2;

const Ends = z.object({ inARow: z.int().nonnegative(), stalls: z.int().nonnegative().default(0) });

/** How a command ended, and how often before it: in all, and by a hang. */
interface Fruitless extends Ending {
  inARow: number;
  stalls: number;
  stalled: boolean;
}

/**
 * Runs a subcommand that makes `output`. What the same arguments have made before is used again. The process is ended by
 * any interruption, and when it hangs; one left over by a killed worker is ended first.
 */
export async function runTool(side: PythonSide, life: ActivityLife, tool: Tool): Promise<void> {
  const beside = (suffix: string) => `${tool.output}.${suffix}`;
  if (await madeBefore(tool, beside('request.json'))) return;
  await endLeftOver(beside('process.json'));
  await Promise.all([tool.output, beside('partial')].map((file) => rm(file, { recursive: true, force: true })));
  const spawned = await spawnDetached(
    {
      program: side.python,
      arguments: ['-m', 'anneal_trainer', tool.name, ...tool.arguments, '--out', beside('partial')],
      environment: trainerEnvironment(side),
      log: beside('log.txt'),
    },
    (identity) => writeJson(beside('process.json'), identity),
  );
  let stalled = false;
  try {
    stalled = await endsByStall(side, life, { tool, process: spawned.process, log: beside('log.txt') });
  } catch (error) {
    await endProcess(spawned.process, { life: uninterrupted(life), patienceSeconds: 5 });
    throw error;
  } finally {
    await rm(beside('process.json'));
  }
  const ending = await spawned.join();
  if (ending.code !== 0) {
    const before = (await readAs(Ends, beside('ends.json'))) ?? { inARow: 0, stalls: 0 };
    const ends = { inARow: before.inARow + 1, stalls: before.stalls + (stalled ? 1 : 0) };
    await writeJson(beside('ends.json'), isFruitless(ends) ? { inARow: 0, stalls: 0 } : ends);
    throw await toolFailed(tool, beside('log.txt'), { ...ending, ...ends, stalled });
  }
  await rm(beside('ends.json'), { force: true });
  await writeJson(beside('request.json'), requestOf(tool));
  await rename(beside('partial'), tool.output);
}

interface Running {
  tool: Tool;
  process: ProcessIdentity;
  log: string;
}

/** Waits until the process is gone; true when it hung, and was ended for that. */
async function endsByStall(side: PythonSide, life: ActivityLife, { tool, process, log }: Running): Promise<boolean> {
  const stallsAfterSeconds = side.toolStallsAfterSeconds ?? 1800;
  const pulse = new Pulse(process, log, stallsAfterSeconds);
  const details = { stage: tool.name, pid: process.pid };
  const patienceSeconds = Math.min(30, stallsAfterSeconds / 4);
  while (!(await waitUntilGone(process, { life, details, patienceSeconds }))) {
    if (!(await pulse.isStill())) continue;
    await signalProcess(process, 'SIGKILL');
    await waitUntilGone(process, { life, details });
    return true;
  }
  return false;
}

function isFruitless({ inARow, stalls }: z.infer<typeof Ends>): boolean {
  return inARow >= fruitlessEnds || stalls >= fruitlessStalls;
}

/** A request that can't be read proves nothing: it is made anew. */
async function madeBefore(tool: Tool, requestFile: string): Promise<boolean> {
  const [request, made] = await Promise.all([unlessDamaged(readIfThere(requestFile), null), isThere(tool.output)]);
  return made && isDeepStrictEqual(request, requestOf(tool));
}

function requestOf(tool: Tool): unknown[] {
  return [tool.name, ...tool.arguments, ...(tool.inputs ?? [])];
}

async function endLeftOver(file: string): Promise<void> {
  const left = await readAs(ProcessIdentity, file);
  if (left !== null && (await isLiving(left))) await endProcess(left, { patienceSeconds: 5 });
}

/** What the Python side refuses it would refuse again; anything else another attempt may mend, unless it went so too often. */
async function toolFailed(tool: Tool, log: string, ending: Fruitless): Promise<Error> {
  const { type, todo } = (ending.signal === null && tool.refusal) || verdictOn(tool, ending);
  const what = `The trainer's command "${tool.name}" ${howItEnded(ending)}: ${await logTail(log, 1200)}`;
  return problem(type, { what, where: log, todo });
}

function verdictOn({ output }: Tool, ending: Fruitless): Pick<Problem, 'type' | 'todo'> {
  const { code, stalled } = ending;
  if (!isFruitless(ending))
    return {
      type: code === yourInput ? 'TrainingFailed' : 'Internal',
      todo: `Read the log; the command was given ${path.basename(output)} to make.`,
    };
  const todo = stalled
    ? 'Read the end of that log; look whether the file system of the model answers, and whether another process holds the accelerator.'
    : 'Read the log; a command that is killed may need more memory than there is.';
  return { type: 'TrainingFailed', todo };
}

function howItEnded({ code, signal, inARow, stalls, stalled }: Fruitless): string {
  if (stalled)
    return `stalled: it lived but neither worked nor said anything, ${stalls === 1 ? 'once' : `${stalls} times`}`;
  return `ended by ${signal ?? `exit code ${code}`}${inARow >= fruitlessEnds ? `, ${inARow} times in a row` : ''}`;
}
