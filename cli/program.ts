/** The command line as a whole: its subcommands, and how its help is laid out. Nothing heavy is loaded before a command runs. */
import { Command, Option } from 'commander';
import { addApprove } from './commands/approve.js';
import { addBudget } from './commands/budget.js';
import { addCancel } from './commands/cancel.js';
import { addCaption } from './commands/caption.js';
import { addChampion } from './commands/champion.js';
import { addCodec } from './commands/codec.js';
import { addCompare } from './commands/compare.js';
import { addData } from './commands/data.js';
import { addDev } from './commands/dev.js';
import { addDoctor } from './commands/doctor.js';
import { addLogs } from './commands/logs.js';
import { addOverrule } from './commands/overrule.js';
import { addPlan } from './commands/plan.js';
import { addReport } from './commands/report.js';
import { addRun } from './commands/run.js';
import { addSchedule } from './commands/schedule.js';
import type { Runner } from './commands/shared.js';
import { addStart } from './commands/start.js';
import { addStatus } from './commands/status.js';
import { addWorker } from './commands/worker.js';
import type { Shell } from './shell.js';

const about =
  'Tune a vision-language model for one task, durably. It finds the smallest thing that solves it, a prompt if one is ' +
  'enough, else a tuned model, and says why. Close the laptop, lose the machine: a run goes on where it was.';

const after = `
Example:     anneal start examples/digits
Exit codes:  0 done · 1 not solved · 2 your input · 3 our fault or the world’s · 4 waits for a person · 5 cancelled
Data goes to stdout, talk to stderr. \`anneal <command> --help\` says more; so does docs/.`;

const commands = {
  start: addStart,
  dev: addDev,
  worker: addWorker,
  run: addRun,
  plan: addPlan,
  caption: addCaption,
  status: addStatus,
  report: addReport,
  compare: addCompare,
  overrule: addOverrule,
  approve: addApprove,
  budget: addBudget,
  cancel: addCancel,
  schedule: addSchedule,
  champion: addChampion,
  data: addData,
  codec: addCodec,
  logs: addLogs,
  doctor: addDoctor,
};

/** A command that does something: its words on the command line, such as `data build`. */
export interface NamedCommand {
  words: string;
  command: Command;
}

/** All commands of a program but those that only group others. */
export function namedCommands(program: Command, before = ''): NamedCommand[] {
  return program.commands.flatMap((command) => {
    const words = `${before}${command.name()}`;
    return command.commands.length > 0 ? namedCommands(command, `${words} `) : [{ words, command }];
  });
}

/** The words of a command line that name a command or a group of commands, as far as they are known. */
export function wordsNaming(program: Command, argv: readonly string[]): string[] {
  const found = argv.map((word) => program.commands.find((command) => command.name() === word));
  const at = found.findIndex((command) => command !== undefined);
  const command = found[at];
  return command ? [command.name(), ...wordsNaming(command, argv.slice(at + 1))] : [];
}

/** In the list of commands only what must be given is shown. */
function usageOf(command: Command): string {
  return [
    command.name(),
    ...command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`)),
  ].join(' ');
}

export function buildProgram(shell: Shell, version: string, run: Runner): Command {
  const program = new Command('anneal')
    .description(about)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', after)
    .addOption(new Option('--debug').hideHelp())
    .configureOutput({ writeOut: (text) => shell.data(text), outputError: () => undefined }) // main.ts says errors
    .configureHelp({ sortSubcommands: false, helpWidth: 110, subcommandTerm: usageOf })
    .exitOverride();
  for (const add of Object.values(commands)) add(program, run);
  return program;
}
