/** `anneal schedule pause`, `resume`, `trigger` and `delete`: what is done to one schedule. */
import os from 'node:os';
import type { Command } from 'commander';
import { exitCodes } from '../../../config/problems.js';
import type { ScheduleChange } from '../../schedules.js';
import { printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const changes: Record<ScheduleChange, { summary: string; about: string; done: string }> = {
  pause: {
    summary: 'start no more runs for now',
    about: 'Start no more runs until it is resumed; one that goes on is not touched.',
    done: 'paused',
  },
  resume: { summary: 'go on with a paused one', about: 'Start runs again at the next time.', done: 'on again' },
  trigger: {
    summary: 'start a run now',
    about: 'Start a run now, or as soon as the one that goes on has ended: never two of them at once.',
    done: 'triggered',
  },
  delete: {
    summary: 'remove a schedule',
    about: 'Remove the schedule; its runs and one that goes on stay.',
    done: 'deleted',
  },
};

interface ChangeOptions extends JsonOption {
  note?: string;
}

export function addChanges(schedule: Command, run: Runner): void {
  for (const [name, { summary, about }] of Object.entries(changes) as [ScheduleChange, (typeof changes)['pause']][]) {
    const command = subcommand(schedule, name, { summary, about }, `anneal schedule ${name} digits`)
      .argument('<schedule>', 'its name, or its task’s')
      .action(run((shell: Shell, wanted: string, options: ChangeOptions) => change(shell, name, wanted, options)));
    if (name === 'pause' || name === 'resume') command.option('--note <text>', 'why, for whoever looks at it later');
  }
}

async function change(shell: Shell, name: ScheduleChange, wanted: string, options: ChangeOptions): Promise<number> {
  const { withEngine } = await import('../../engineClient.js');
  const { changeSchedule } = await import('../../schedules.js');
  const note = options.note ?? `by ${os.userInfo().username}`;
  return withEngine(shell, async ({ client }) => {
    const schedule = await changeSchedule(client, wanted, name, note);
    printResult(shell, Boolean(options.json), { schedule, change: name }, [`${schedule}: ${changes[name].done}.`]);
    return exitCodes.done;
  });
}
