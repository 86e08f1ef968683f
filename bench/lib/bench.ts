/** What every bench does around its measurement: options, set-up, the table, the JSON file, the exit code. */
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { writeJson } from '../../activities/storage/files.js';
import { describeProblem, exitCodeOf, exitCodes, ProblemError, problem } from '../../config/problems.js';
import { markdownTable } from './table.js';

type ParseArgsOptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** Every bench has it. Without it all is measured anew: a figure must not come from older code. */
const resume = { resume: { type: 'boolean' } } as const;
const aboutResume = '  --resume       go on with what an interrupted bench left, instead of measuring all anew';

export interface Definition<Options extends ParseArgsOptionsConfig> {
  name: string;
  /** What it shows, and its options, for `--help`. */
  about: string;
  options: Options;
}

/** Typed values of the options, and what else was named. */
export interface Given<Options extends ParseArgsOptionsConfig> {
  values: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>['values'];
  names: string[];
  /** Everything that a bench makes lies in here. */
  folder: string;
  /** Aborted by Ctrl-C: trainers write a checkpoint then, and the same command goes on from it. */
  interrupted: AbortSignal;
}

export interface Measured {
  columns: string[];
  rows: string[][];
  /** The claim in one sentence, with its figures. */
  claim: string;
  holds: boolean;
  /** All figures, for programs. */
  facts: unknown;
}

/** Runs a bench from the command line. Exit code 0 when its claim holds, 1 when it doesn't. */
export async function bench<Options extends ParseArgsOptionsConfig>(
  definition: Definition<Options>,
  measure: (given: Given<Options>) => Promise<Measured>,
): Promise<void> {
  const interrupted = interruption();
  try {
    process.exitCode = await run(definition, measure, interrupted);
  } catch (error) {
    if (interrupted.aborted) {
      process.stderr.write('Interrupted; with --resume the bench goes on from here.\n');
      process.exitCode = exitCodes.cancelled;
      return;
    }
    const known = error instanceof ProblemError ? error.problem : null;
    process.stderr.write(`${known ? describeProblem(known) : (error as Error).stack}\n`);
    process.exitCode = known ? exitCodeOf(known.type) : exitCodes.fault;
  }
}

async function run<Options extends ParseArgsOptionsConfig>(
  { name, about, options }: Definition<Options>,
  measure: (given: Given<Options>) => Promise<Measured>,
  interrupted: AbortSignal,
): Promise<number> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`npm run bench -- ${name}\n\n${about}\n${aboutResume}\n`);
    return exitCodes.done;
  }
  const { values, positionals, goesOn } = parsed(name, options);
  const root = path.resolve('.anneal', 'bench');
  const folder = path.join(root, name);
  if (!goesOn) await rm(folder, { recursive: true, force: true });
  const measured = await measure({ values, names: positionals, folder, interrupted });
  const file = path.join(root, `${name}.json`);
  await writeJson(file, { schema: 'anneal.bench/1', bench: name, at: new Date(), machine: machine(), ...measured });
  const verdict = measured.holds ? 'holds' : 'DOES NOT HOLD';
  process.stdout.write(`${markdownTable(measured.columns, measured.rows)}\n\n${verdict}: ${measured.claim}\n${file}\n`);
  return measured.holds ? exitCodes.done : exitCodes.notSolved;
}

function parsed<Options extends ParseArgsOptionsConfig>(name: string, options: Options) {
  try {
    const found = parseArgs({ options: { ...options, ...resume }, allowPositionals: true });
    return { ...found, goesOn: Boolean((found.values as { resume?: boolean }).resume) };
  } catch (error) {
    throw problem('InvalidInput', {
      what: (error as Error).message,
      where: 'the command line',
      todo: `npm run bench -- ${name} --help`,
    });
  }
}

/** The first Ctrl-C ends what was started; a second one ends this process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(new Error(`Interrupted by ${signal}.`)));
  }
  return controller.signal;
}

function machine() {
  const [cpu] = os.cpus();
  return {
    platform: process.platform,
    cpu: cpu?.model ?? null,
    cores: os.availableParallelism(),
    bytes: os.totalmem(),
  };
}

/** "2 cores, no GPU", as the tables name a machine. The trainer says which device it used. */
export function machineText(device: string | null): string {
  const accelerator = device === null ? '' : device.startsWith('cpu') ? ', no GPU' : `, ${device}`;
  return `${os.availableParallelism()} cores${accelerator}`;
}

/** A line of progress on stderr. */
export function tell(line: string): void {
  process.stderr.write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`);
}

/** A positive number of an option. Throws InvalidInput. */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw problem('InvalidInput', {
    what: `${option} takes a number above 0, not "${text}".`,
    where: 'the command line',
    todo: `Give it one, such as ${option} 1.`,
  });
}
