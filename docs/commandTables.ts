/** The commands of `anneal` as Markdown tables, from the command line's own declaration. */
import os from 'node:os';
import type { Argument, Command, Option } from 'commander';
import { buildProgram, namedCommands } from '../cli/program.js';
import { table } from './schemaTables.js';

const silent = { root: '.', env: {}, data: () => undefined, talk: () => undefined };

/** The command line with commands that do nothing. Throws CommanderError at what the real one refuses. */
export function idleProgram(): Command {
  return buildProgram(silent, '0', () => async () => undefined);
}

/** One table a command, called `command NAME`, or `command GROUP NAME`. */
export function commandTables(): Record<string, () => string> {
  return Object.fromEntries(
    namedCommands(idleProgram()).map(({ words, command }) => [`command ${words}`, () => commandTable(command)]),
  );
}

function commandTable(command: Command): string {
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.map(optionRow)];
  return table(['Argument or option', 'Meaning', 'Default'], rows);
}

function argumentRow(argument: Argument): string[] {
  const { required, description, defaultValue } = argument;
  const name = argument.name();
  return [required ? `\`<${name}>\`` : `\`[${name}]\``, description, shown(defaultValue)];
}

function optionRow({ flags, description, defaultValue, mandatory }: Option): string[] {
  return [`\`${flags}\``, description, mandatory && defaultValue === undefined ? 'required' : shown(defaultValue)];
}

/** A default that differs by machine is named, not shown. */
function shown(value: unknown): string {
  if (value === undefined) return '';
  return value === os.userInfo().username ? 'your user name' : `\`${String(value)}\``;
}
