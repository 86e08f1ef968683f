/** What a round answers and takes, from its beginning on. */
import { setHandler } from '@temporalio/workflow';
import { Overrule } from '../../config/decisions.js';
import { exampleRetrainInput } from '../../config/retraining.js';
import { parseInput } from '../failures.js';
import { decidedSignal, overruleUpdate } from '../run/messages.js';
import { type Approving, exampleApproval, parseApproval } from './approval.js';
import type { RoundBook } from './book.js';
import { approveUpdate, exampleInputQuery, roundProgressQuery } from './messages.js';
import type { Overruling } from './overruling.js';

const exampleOverrule = { decision: 'retrain/promotion', verdict: 'keep', by: 'your name', why: 'your reason' };

function parseOverrule(raw: unknown): Overrule {
  return parseInput(Overrule, raw, exampleOverrule, 'the input of the update overrule');
}

/** What a person may do to a round. */
interface Steered {
  overruling: Overruling;
  approving: Approving;
}

export function answerMessages(book: RoundBook, { overruling, approving }: Steered): void {
  setHandler(roundProgressQuery, () => book.progress(), {
    description: 'State, step, verdict, decisions. No argument.',
  });
  setHandler(exampleInputQuery, () => exampleRetrainInput, { description: 'An input that works. No argument.' });
  setHandler(decidedSignal, (decision) => book.decided(decision), {
    description: 'From a step: a decision was taken.',
  });
  setHandler(overruleUpdate, (raw) => overruling.take(parseOverrule(raw)), {
    description: `Replace the verdict of a decision, e.g. ${JSON.stringify(exampleOverrule)}`,
    validator: (raw) => overruling.check(parseOverrule(raw)),
  });
  setHandler(approveUpdate, (raw) => approving.take(parseApproval(raw)), {
    description: `Say whether the challenger takes over, e.g. ${JSON.stringify(exampleApproval)}`,
    validator: (raw) => {
      parseApproval(raw);
      approving.check();
    },
  });
}
