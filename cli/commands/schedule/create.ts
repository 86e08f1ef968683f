/** `anneal schedule create`: a new schedule. */
import type { Command } from 'commander';
import { exitCodes, problem } from '../../../config/problems.js';
import { RetrainSettings } from '../../../config/retraining.js';
import type { ScheduleWish } from '../../schedules.js';
import { printResult, type Shell } from '../../shell.js';
import {
  type JsonOption,
  type OnQuestion,
  onQuestionOption,
  type Runner,
  type SettingsOption,
  setOption,
  subcommand,
} from '../shared.js';

const about =
  'Start the run of a task at given times. Its runs are named by the schedule and the time. Nobody may be there when a run ' +
  'asks: --on-question stop or default lets it go on without a person.';

interface CreateOptions extends JsonOption, SettingsOption {
  every?: string;
  cron?: string;
  timeZone?: string;
  name?: string;
  onQuestion?: OnQuestion;
  retrain?: boolean;
  approval?: boolean;
  webhook?: string;
}

export function addCreate(schedule: Command, run: Runner): void {
  subcommand(
    schedule,
    'create',
    { summary: 'start the run of a task at given times', about },
    'anneal schedule create examples/digits --cron "0 3 * * 1" --time-zone Europe/Berlin',
  )
    .argument('<task>', 'folder with a task.json')
    .option('--every <time>', 'time between two runs, such as "12 hours" or "7 days"')
    .option('--cron <times>', 'minute, hour, day, month, weekday, such as "0 3 * * 1"')
    .option('--time-zone <name>', 'of --cron, such as Europe/Berlin (default: UTC)')
    .option('--name <name>', 'name of the schedule (default: boost-<name of the task>, or retrain-<…> with --retrain)')
    .option('--retrain', 'start rounds of retraining, which keep a champion (docs/schedules.md)')
    .option('--approval', 'with --retrain: a promotion waits for a person')
    .option('--webhook <url>', 'with --retrain: address that is told how each round ended')
    .addOption(onQuestionOption())
    .addOption(setOption())
    .action(run(create));
}

/** undefined where a schedule starts plain runs. Throws InvalidInput for options that only rounds have. */
function retrainingOf({ retrain, approval, webhook }: CreateOptions): ScheduleWish['retrain'] {
  if (!retrain && (approval || webhook !== undefined))
    throw problem('InvalidInput', {
      what: '--approval and --webhook are of rounds of retraining.',
      where: 'the command line',
      todo: 'Add --retrain, or leave them out.',
    });
  if (!retrain) return undefined;
  const wished = {
    ...(approval ? { approval: 'wait' } : {}),
    ...(webhook === undefined ? {} : { webhook: { url: webhook } }),
  };
  const read = RetrainSettings.safeParse(wished);
  if (read.success) return wished as ScheduleWish['retrain'];
  throw problem('InvalidInput', {
    what: `"${webhook}" is no address of a webhook.`,
    where: 'the command line',
    todo: 'Write it as https://example.org/hook.',
  });
}

async function create(shell: Shell, task: string, options: CreateOptions): Promise<number> {
  const { withEngine } = await import('../../engineClient.js');
  const { createSchedule } = await import('../../schedules.js');
  const { every, cron, timeZone, name, onQuestion, set } = options;
  const wish = { task, every, cron, timeZone, name, onQuestion, recipe: set, retrain: retrainingOf(options) };
  return withEngine(shell, async ({ client }) => {
    const made = await createSchedule(client, shell.root, wish);
    printResult(shell, Boolean(options.json), made, [`${made.name}: next at ${made.next.join(', ')}`]);
    return exitCodes.done;
  });
}
