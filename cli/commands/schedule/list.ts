/** `anneal schedule list`: all schedules of our runs. */
import type { Command } from 'commander';
import { exitCodes } from '../../../config/problems.js';
import { columns, printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const about = 'List the schedules, with their next time and their last run.';

export function addList(schedule: Command, run: Runner): void {
  subcommand(schedule, 'list', { summary: 'list the schedules', about }, 'anneal schedule list').action(run(list));
}

async function list(shell: Shell, { json }: JsonOption): Promise<number> {
  const { withEngine } = await import('../../engineClient.js');
  const { listSchedules } = await import('../../schedules.js');
  return withEngine(shell, async ({ client }) => {
    const schedules = await listSchedules(client);
    if (schedules.length === 0)
      shell.talk('There is no schedule. Make one: anneal schedule create <task> --every "1 day"');
    const rows = schedules.map(({ name, paused, note, next, last }) => [
      name,
      paused ? `paused${note ? `: ${note}` : ''}` : 'on',
      next[0] ?? '',
      last[0] ?? '',
    ]);
    const lines = rows.length > 0 ? columns([['SCHEDULE', 'STATE', 'NEXT', 'LAST RUN'], ...rows]) : [];
    printResult(shell, Boolean(json), { schedules }, lines);
    return exitCodes.done;
  });
}
