/** Commands of the Python side that end by themselves within an activity: they live no longer than it does. */
import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { z } from 'zod';
import { type Problem, problem } from '../../config/problems.js';
import { writeJson } from '../storage/files.js';
import { childEnvironment, type Ending, endProcess, logTail, spawnDetached, waitUntilGone } from './detached.js';
import { isLiving, ProcessIdentity } from './identity.js';
import { type ActivityLife, uninterrupted } from './life.js';
import { isThere, readAs, readIfThere, unlessDamaged } from './there.js';

/** The interpreter, and the folder that holds the package `anneal_trainer`. */
export interface PythonSide {
  python: string;
  trainerFolder: string;
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

/**
 * Asks a short question of the Python side; its answer is the JSON on its standard output. What is wrong with the input is
 * thrown as `refusal`.
 */
export async function askTrainer(
  side: PythonSide,
  question: string[],
  refusal?: Pick<Problem, 'type' | 'todo'>,
): Promise<unknown> {
  const options = { cwd: '/', env: trainerEnvironment(side), maxBuffer: 2 ** 20 };
  const answer = await promisify(execFile)(side.python, ['-m', 'anneal_trainer', ...question], options).catch(
    (error: Error & { code?: unknown; stderr?: string }) => {
      const { type, todo } = (error.code === yourInput && refusal) || doctor;
      const what = (error.stderr?.trim() || error.message).slice(-1200);
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

const Ends = z.object({ inARow: z.int().nonnegative() });

/**
 * Runs a subcommand that makes `output`. What the same arguments have made before is used again. The process is ended by
 * any interruption; one left over by a killed worker is ended first.
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
  try {
    await waitUntilGone(spawned.process, { life, details: { stage: tool.name, pid: spawned.process.pid } });
  } catch (error) {
    await endProcess(spawned.process, { life: uninterrupted(life), patienceSeconds: 5 });
    throw error;
  } finally {
    await rm(beside('process.json'));
  }
  const { code, signal } = await spawned.join();
  if (code !== 0) {
    const inARow = ((await readAs(Ends, beside('ends.json')))?.inARow ?? 0) + 1;
    await writeJson(beside('ends.json'), { inARow: inARow % fruitlessEnds });
    throw await toolFailed(tool, beside('log.txt'), { code, signal, inARow });
  }
  await rm(beside('ends.json'), { force: true });
  await writeJson(beside('request.json'), requestOf(tool));
  await rename(beside('partial'), tool.output);
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

/** What the Python side refuses it would refuse again; anything else another attempt may mend, unless it went so five times. */
async function toolFailed(
  tool: Tool,
  log: string,
  { code, signal, inARow }: Ending & { inARow: number },
): Promise<Error> {
  const fruitless = inARow >= fruitlessEnds;
  const given = {
    type: code === yourInput || fruitless ? 'TrainingFailed' : 'Internal',
    todo: fruitless
      ? 'Read the log; a command that is killed may need more memory than there is.'
      : `Read the log; the command was given ${path.basename(tool.output)} to make.`,
  };
  const { type, todo } = (signal === null && tool.refusal) || (given as Pick<Problem, 'type' | 'todo'>);
  const ending = `${signal ?? `exit code ${code}`}${fruitless ? `, ${inARow} times in a row` : ''}`;
  const what = `The trainer's command "${tool.name}" ended by ${ending}: ${await logTail(log, 1200)}`;
  return problem(type, { what, where: log, todo });
}
