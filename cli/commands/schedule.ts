/** `anneal schedule`: runs of a task at given times. */
import type { Command } from 'commander';
import { addChanges } from './schedule/change.js';
import { addCreate } from './schedule/create.js';
import { addList } from './schedule/list.js';
import type { Runner } from './shared.js';

export function addSchedule(program: Command, run: Runner): void {
  const schedule = program
    .command('schedule')
    .summary('start runs of a task at given times')
    .description(
      'Schedules of the Temporal server. A run that still goes on when the next is due is waited for; one that fails pauses ' +
        'its schedule. They go on without this terminal; runs begin while an engine is up.',
    )
    .helpOption('-h, --help', 'print this help');
  addCreate(schedule, run);
  addList(schedule, run);
  addChanges(schedule, run);
}
