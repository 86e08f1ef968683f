/** A person's word on a challenger that won. */
import { condition } from '@temporalio/workflow';
import { answerText } from '../../config/questions.js';
import { Approval } from '../../config/retraining.js';
import { failure, parseInput } from '../failures.js';
import type { RoundBook } from './book.js';

export const exampleApproval = { promote: true, by: 'your name', why: 'your reason' };

export function parseApproval(raw: unknown): Approval {
  return parseInput(Approval, raw, exampleApproval, 'the input of the update approve');
}

export class Approving {
  private readonly book: RoundBook;
  private answer: Approval | undefined;

  constructor(book: RoundBook) {
    this.book = book;
  }

  /** Throws InvalidInput where nobody is asked, or somebody has said it. */
  check(): void {
    const { answer } = this;
    if (answer)
      throw refused(
        `${answer.by} has ${answer.promote ? 'approved' : 'refused'} already.`,
        'Roll back with `anneal champion rollback`, if the challenger should go.',
      );
    const { state, step } = this.book.progress();
    if (state !== 'waiting')
      throw refused(
        `The round does not wait for approval; it is at ${step}.`,
        'It asks once a challenger has won, where retrain.approval is wait. To say so ahead overrule retrain/promotion.',
      );
  }

  take(answer: Approval): string {
    this.answer = answer;
    return answer.promote ? 'The challenger takes over.' : 'The champion stays.';
  }

  /** Nobody's word within the hours keeps the champion; 0 hours are without end. */
  async ask(reason: string, hours: number): Promise<{ promote: boolean; reason: string }> {
    const how = `Send ${answerText({ update: 'approve', input: exampleApproval })}`;
    this.book.tell({ state: 'waiting', step: 'approval', question: `${reason} Shall it take over? ${how}` });
    const isAnswered = () => this.answer !== undefined;
    try {
      if (hours > 0) await condition(isAnswered, `${hours} hours`);
      else await condition(isAnswered);
    } finally {
      this.book.tell({ state: 'running', question: null });
    }
    if (!this.answer) return { promote: false, reason: `Nobody approved within ${hours} hours. (${reason})` };
    const { promote, by, why } = this.answer;
    return { promote, reason: `${by} ${promote ? 'approved' : 'refused'}: ${why}. (${reason})` };
  }
}

function refused(what: string, todo: string): Error {
  return failure({ type: 'InvalidInput', what, where: 'update approve', todo });
}
