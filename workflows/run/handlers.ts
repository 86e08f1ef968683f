import { setHandler } from '@temporalio/workflow';
import { Overrule } from '../../config/decisions.js';
import { parseInput } from '../failures.js';
import type { Book } from './book.js';
import { decidedSignal, decisionsQuery, overruleUpdate, progressQuery, trainedSignal } from './messages.js';

const exampleOverrule = { decision: 'promptFirst', verdict: 'notEnough', by: 'your name', why: 'your reason' };

function parseOverrule(raw: unknown): Overrule {
  return parseInput(Overrule, raw, exampleOverrule, 'the input of the update overrule');
}

/** Answers queries, takes what the steps tell, and lets a person overrule. */
export function answerMessages(book: Book, overrule: (overrule: Overrule) => Promise<string>): void {
  setHandler(progressQuery, () => book.progress(), { description: 'State, step, verdict and decisions. No argument.' });
  setHandler(decisionsQuery, () => [...book.decisions], {
    description: 'Every decision with its figures, and who overruled it. No argument.',
  });
  setHandler(decidedSignal, (decision) => book.decided(decision), {
    description: 'From a step: a decision was taken.',
  });
  setHandler(trainedSignal, (summary) => book.trained(summary), { description: 'From a step: how a training stands.' });
  setHandler(overruleUpdate, (raw) => overrule(parseOverrule(raw)), {
    description: `Replace the verdict of a decision, e.g. ${JSON.stringify(exampleOverrule)}`,
    validator: (raw) => book.checkOverrule(parseOverrule(raw)),
  });
}
