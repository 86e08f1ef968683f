/** `anneal budget`: more of a run's budget, or no more training. */
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { printResult, type Shell } from '../shell.js';
import { addSaidBy, type Runner, type SaidBy, subcommand } from './shared.js';

const about = `Give a run new caps, as totals and more than is spent; one that waits at a cap goes on from its checkpoint. With
--stop it trains no more and goes on with what is there. "anneal status <run>" says what it asks.`;

interface BudgetOptions extends SaidBy {
  money?: number;
  trainerHours?: number;
  wallClock?: number;
  stop?: boolean;
}

export function addBudget(program: Command, run: Runner): void {
  const command = subcommand(
    program,
    'budget',
    { summary: 'extend the budget of a run, or end its training', about },
    'anneal budget digits --trainer-hours 8 --why "it still learns"',
  )
    .argument('<run>', 'a run, its workflow’s id, or its task’s name (the newest)')
    .option('--money <total>', 'cap of money, in the currency of the run’s prices', amountOf)
    .option('--trainer-hours <total>', 'cap of hours of trainers', amountOf)
    .option('--wall-clock <total>', 'cap of hours since the run began', amountOf)
    .option('--stop', 'train no more; only where the run asks about its budget');
  addSaidBy(command, 'report').action(run(budget));
}

async function budget(
  shell: Shell,
  wanted: string,
  { stop, json, money, trainerHours, wallClock, by, why }: BudgetOptions,
): Promise<number> {
  const given = Object.entries({ money, trainerHours, wallClock }).filter(([, cap]) => cap !== undefined);
  const caps: Pick<BudgetOptions, 'money' | 'trainerHours' | 'wallClock'> = Object.fromEntries(given);
  if (Boolean(stop) === given.length > 0)
    throw new CommanderError(
      exitCodes.yourInput,
      'anneal.budget',
      `${stop ? 'New caps and --stop exclude each other' : 'No cap is named'}: give --money, --trainer-hours or --wall-clock, or else --stop.`,
    );
  const { sendUpdate } = await import('../updates.js');
  const told = stop
    ? await sendUpdate(shell, wanted, { name: 'stop', input: { by, why } })
    : await sendUpdate(shell, wanted, { name: 'extendBudget', input: { ...caps, by, why } });
  printResult(shell, Boolean(json), { ...told, ...caps }, [told.answer]);
  return exitCodes.done;
}

function amountOf(text: string): number {
  const amount = Number(text);
  if (Number.isFinite(amount) && amount > 0) return amount;
  throw new InvalidArgumentError('A cap is a number above 0.');
}
