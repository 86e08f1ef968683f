/** A person's verdicts in place of a round's own: which are taken, until when, and what happens then. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Overrule } from '../../config/decisions.js';
import { didYouMean } from '../../config/suggest.js';
import { failure } from '../failures.js';
import type { RoundBook } from './book.js';

/** What a person may say of each decision. */
const verdicts: Record<string, readonly string[]> = {
  'retrain/drift': ['same', 'drifted'],
  'retrain/enough': ['train', 'wait'],
  'retrain/promotion': ['promote', 'keep'],
  'retrain/labels': ['fit', 'doubtful'],
};

export class Overruling {
  readonly made: Overrule[] = [];
  private readonly book: RoundBook;
  private scope: CancellationScope | undefined;
  private again = false;

  constructor(book: RoundBook) {
    this.book = book;
  }

  /** Plays a round; where a decision that it stands upon is overruled, again from its top: what was found out is kept. */
  async follow<Result>(body: () => Promise<Result>): Promise<Result> {
    for (;;) {
      this.again = false;
      this.scope = new CancellationScope();
      try {
        return await this.scope.run(body);
      } catch (error) {
        if (!(this.again && isCancellation(error))) throw error;
      }
    }
  }

  /** Throws InvalidInput where it can't be taken. */
  check({ decision, verdict }: Overrule): void {
    const known = verdicts[decision];
    if (!known) throw this.noDecision(decision);
    if (!known.includes(verdict)) throw refused(`${decision} is never ${verdict}.`, `Say ${known.join(' or ')}.`);
    const { state, step } = this.book.progress();
    if (!['running', 'waiting'].includes(state) || step === 'record')
      throw refused('The round is over.', 'Move the pointer by `anneal champion rollback`, or trigger another round.');
    if (this.book.standing?.champion === null)
      throw refused(
        'There is no champion yet: the first model that solves the task becomes it.',
        'Overrule the decisions of the challenger’s own run.',
      );
    const taken = this.book.decisions.find(({ id }) => id === decision);
    const said = this.made.findLast((each) => each.decision === decision)?.verdict ?? taken?.verdict;
    if (said === verdict) throw refused(`${decision} is ${verdict} already.`, 'Nothing need be done.');
    if (taken && decision === 'retrain/drift')
      throw refused('retrain/enough was decided upon it already.', 'Overrule retrain/enough.');
    if (taken && decision === 'retrain/enough' && step !== 'boost')
      throw refused(
        'The challenger meets the champion already, which costs test items.',
        'Overrule retrain/promotion with keep.',
      );
  }

  take(overrule: Overrule): string {
    const { decision, verdict } = overrule;
    this.made.push(overrule);
    if (!this.book.decisions.some(({ id }) => id === decision)) return `Noted: ${decision} will be ${verdict}.`;
    this.again = true;
    this.scope?.cancel();
    return `The round goes back to ${decision} and on from ${verdict}.`;
  }

  private noDecision(decision: string): Error {
    const { challengerRun } = this.book.progress();
    const near = didYouMean(decision, Object.keys(verdicts));
    return refused(
      `A round does not decide ${decision}.${near ? ` Did you mean ${near}?` : ''}`,
      `It decides ${Object.keys(verdicts).join(', ')}. Decisions of the recipe are those of the challenger’s own run${challengerRun ? `, ${challengerRun}` : ''}.`,
    );
  }
}

function refused(what: string, todo: string): Error {
  return failure({ type: 'InvalidInput', what, where: 'update overrule', todo });
}
