/** What the subcommands have in common: options, how they run, how help ends. */
import os from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { RecipeSettings } from '../../config/settings.js';
import type { Shell } from '../shell.js';

/** Makes a commander action of a command; what it returns becomes the exit code. */
export type Runner = <Args extends unknown[]>(
  command: (shell: Shell, ...args: Args) => Promise<number>,
) => (...args: Args) => Promise<void>;

export interface JsonOption {
  json?: boolean;
}

export function jsonOption(): Option {
  return new Option('--json', 'print the result as JSON on stdout');
}

/** Who says something to a run, and why: every command that steers one asks for it. */
export interface SaidBy extends JsonOption {
  why: string;
  by: string;
}

export function addSaidBy(command: Command, where: string): Command {
  return command
    .requiredOption('--why <reason>', `your reason, for the ${where}`)
    .option('--by <name>', 'who you are', os.userInfo().username);
}

export interface CommandText {
  /** Half a line, for the list of commands. */
  summary: string;
  about: string;
}

/** A subcommand whose help ends with one example that works. */
export function subcommand(program: Command, name: string, { summary, about }: CommandText, example: string): Command {
  return program
    .command(name)
    .summary(summary)
    .description(about)
    .addOption(jsonOption())
    .option('--debug', 'print stack traces with errors')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\nExample:  ${example}`);
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
}

export type OnQuestion = RecipeSettings['onQuestion'];

export function onQuestionOption(): Option {
  const { options } = RecipeSettings.shape.onQuestion.unwrap();
  return new Option('--on-question <what>', 'where a person is asked: wait, stop, or take the default').choices(
    options,
  );
}

export interface SettingsOption {
  set?: Record<string, unknown>;
}

/** `--set sweep.epochs=2`, as often as wanted: overrides of the recipe for this run. */
export function setOption(): Option {
  return new Option('--set <path=value>', 'override a setting of the recipe for this run; may be repeated').argParser(
    parseSetting,
  );
}

export function parseSetting(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const [, path, value] = /^([A-Za-z][\w.]*)=(.+)$/s.exec(text) ?? [];
  if (path === undefined || value === undefined) {
    throw new InvalidArgumentError('Write it as path=value, such as sweep.epochs=2.');
  }
  return placed(before, path.split('.'), settingValue(value));
}

/** JSON where it is some; everything else is a text. */
function settingValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function placed(tree: Record<string, unknown>, [key = '', ...rest]: string[], value: unknown): Record<string, unknown> {
  if (rest.length === 0) return { ...tree, [key]: value };
  const below = tree[key];
  const branch = typeof below === 'object' && below !== null ? (below as Record<string, unknown>) : {};
  return { ...tree, [key]: placed(branch, rest, value) };
}
