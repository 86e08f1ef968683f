import { setHandler } from '@temporalio/workflow';
import { ExtendBudget, StopTraining } from '../../config/budget.js';
import { Overrule } from '../../config/decisions.js';
import { failure, parseInput } from '../failures.js';
import type { Book } from './book.js';
import type { BudgetKeeper } from './budget.js';
import {
  decidedSignal,
  decisionsQuery,
  extendBudgetUpdate,
  meteredSignal,
  overruleUpdate,
  progressQuery,
  stopUpdate,
  trainedSignal,
} from './messages.js';

const person = { by: 'your name', why: 'your reason' };
const exampleExtension = { trainerHours: 8, ...person };
const exampleOverrule = { decision: 'promptFirst', verdict: 'notEnough', ...person };

function parseOverrule(raw: unknown): Overrule {
  return parseInput(Overrule, raw, exampleOverrule, 'the input of the update overrule');
}

function parseExtension(raw: unknown): ExtendBudget {
  return parseInput(ExtendBudget, raw, exampleExtension, 'the input of the update extendBudget');
}

function parseStop(raw: unknown): StopTraining {
  return parseInput(StopTraining, raw ?? {}, person, 'the input of the update stop');
}

/** What a person may do to a run. */
interface Steered {
  budget: BudgetKeeper | null;
  overrule(overrule: Overrule): Promise<string>;
}

/** Answers queries, takes what the steps tell, and lets a person overrule. */
export function answerMessages(book: Book, run: Steered): void {
  setHandler(progressQuery, () => book.progress(), { description: 'State, step, verdict and decisions. No argument.' });
  setHandler(decisionsQuery, () => [...book.decisions], {
    description: 'Every decision with its figures, and who overruled it. No argument.',
  });
  setHandler(decidedSignal, (decision) => book.decided(decision), {
    description: 'From a step: a decision was taken.',
  });
  setHandler(trainedSignal, (summary) => book.trained(summary), { description: 'From a step: how a training stands.' });
  setHandler(meteredSignal, (reading) => run.budget?.metered(reading), {
    description: 'From a training: what it has spent, and whether it asks to train.',
  });
  setHandler(overruleUpdate, (raw) => run.overrule(parseOverrule(raw)), {
    description: `Replace the verdict of a decision, e.g. ${JSON.stringify(exampleOverrule)}`,
    validator: (raw) => book.checkOverrule(parseOverrule(raw)),
  });
  setHandler(extendBudgetUpdate, (raw) => budgetOf(book, run).extend(parseExtension(raw)), {
    description: `New caps of the budget, as totals and more than is spent, e.g. ${JSON.stringify(exampleExtension)}`,
    validator: (raw) => budgetOf(book, run).checkExtension(parseExtension(raw)),
  });
  setHandler(stopUpdate, (raw) => budgetOf(book, run).stop(parseStop(raw)), {
    description: `At a cap of the budget: train no more, and go on with what is there, e.g. ${JSON.stringify(person)}`,
    validator: (raw) => {
      parseStop(raw);
      budgetOf(book, run).checkStop();
    },
  });
}

function budgetOf(book: Book, { budget }: Steered): BudgetKeeper {
  if (budget) return budget;
  book.knownRecipe();
  throw failure({
    type: 'InvalidInput',
    what: 'This run has no budget.',
    where: 'the input of this run, key "recipe"',
    todo: 'Set recipe.budget when the run is started; to end a training now, overrule <training>/watchdog with stop.',
  });
}
