/** `anneal logs`: the ends of the logs of a run's processes, or of the engine's. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { logFolder, shown } from '../paths.js';
import { printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about = `Print the last lines of the logs of a run's trainers and model servers; without a run, of the engine's processes.`;

interface LogsOptions extends JsonOption {
  lines: number;
}

export function addLogs(program: Command, run: Runner): void {
  subcommand(
    program,
    'logs',
    { summary: 'print the logs of a run, or of the engine', about },
    'anneal logs digits --lines 50',
  )
    .argument('[run]', 'a run, its workflow’s id, or its task’s name (default: the engine)')
    .option('--lines <n>', 'lines of each log', parseLines, 20)
    .action(run(logs));
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines > 0) return lines;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

/** The engine's logs end in .log; trainers, model servers and tools write log.txt, or log-2.txt at another attempt. */
const logName = /\.log$|(^|\/)log(-\d+)?\.txt$/;

/** Bytes of a log that are read for its last lines. */
const tailBytes = 256 * 1024;

async function logs(shell: Shell, wanted: string | undefined, { lines, json }: LogsOptions): Promise<number> {
  const { findRunFolder } = await import('../runFiles.js');
  const { logTail } = await import('../../activities/processes/detached.js');
  const { unlessMissing } = await import('../../activities/processes/there.js');
  const folder = wanted === undefined ? logFolder(shell.root) : (await findRunFolder(shell, wanted)).folder;
  const names = (await unlessMissing(readdir(folder, { recursive: true }))) ?? [];
  const files = names.filter((name) => logName.test(name)).sort();
  const tails = await Promise.all(
    files.map(async (name) => {
      const file = path.join(folder, name);
      return { file, lines: (await logTail(file, tailBytes)).split('\n').slice(-lines) };
    }),
  );
  if (tails.length === 0) shell.talk(`There is no log in ${shown(folder)} yet.`);
  printResult(
    shell,
    Boolean(json),
    { logs: tails },
    tails.flatMap((tail) => [`== ${shown(tail.file)}`, ...tail.lines, '']),
  );
  return exitCodes.done;
}
