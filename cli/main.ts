/** The command `anneal`: parses the command line, runs one command, and turns what is thrown into words and an exit code. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommanderError } from 'commander';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { exitCodes, problem } from '../config/problems.js';
import { explain, printable } from './errors.js';
import { buildProgram, wordsNaming } from './program.js';
import { processShell, type Shell } from './shell.js';

/** Runs a command line, without the program's own name; the result is the exit code. Never throws. */
export async function main(argv: readonly string[], shell: Shell = processShell()): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = buildProgram(shell, await packageVersion(), (command) => async (...args) => {
    exitCode = await command(shell, ...args);
  });
  try {
    const group = program.commands.find((each) => each.name() === argv[0] && each.commands.length > 0);
    if (argv.length === 0) program.outputHelp();
    else if (group && argv.length === 1) group.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return told(error, { argv, words: wordsNaming(program, argv) }, shell);
  }
}

interface Given {
  argv: readonly string[];
  /** Those that name the command. */
  words: readonly string[];
}

function told(error: unknown, given: Given, shell: Shell): number {
  const { argv } = given;
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done; // help and version
  const explained = explain(error instanceof CommanderError ? commandLineProblem(error, given) : error);
  if (argv.includes('--json')) shell.data(`${JSON.stringify({ error: explained.problem }, null, 2)}\n`);
  shell.talk(printable(error, explained, argv.includes('--debug')));
  return explained.exitCode;
}

function commandLineProblem({ message }: CommanderError, { argv, words }: Given): Error {
  return problem('InvalidInput', {
    what: message.replace(/^error: /, '').replaceAll('\n', ' '),
    where: `the command line: anneal ${argv.join(' ')}`.slice(0, 300),
    todo: `${['anneal', ...words, '--help'].join(' ')} shows what there is.`,
  });
}

async function packageVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
