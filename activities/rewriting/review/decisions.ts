/** From what a person wrote into a review file to decisions that a build reads. Says every fault; decides nothing itself. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { Change, Review } from '../../../config/rewriting.js';
import { didYouMean } from '../../../config/suggest.js';
import { RowFault } from '../../data/faults.js';
import { checkAnswer } from '../../data/records/answers.js';
import { comparable, tidy } from '../../data/records/answerText.js';
import { sha256 } from '../../storage/files.js';
import type { DecisionCell } from './csvFile.js';

const words: Record<string, Review['decision']> = {
  accept: 'accept',
  accepted: 'accept',
  a: 'accept',
  yes: 'accept',
  y: 'accept',
  refuse: 'refuse',
  refused: 'refuse',
  r: 'refuse',
  no: 'refuse',
  n: 'refuse',
  edit: 'edit',
  edited: 'edit',
  e: 'edit',
};

/** What a person decided about one proposal. */
export interface Verdict {
  decision: Review['decision'];
  /** The answer that holds; of a refusal the one that was refused. */
  after: string;
}

export interface Read {
  /** By change id. */
  verdicts: Map<string, Verdict>;
  /** Sentences with the line each. */
  faults: string[];
}

/** Takes the cells of one file as verdicts. `changes` holds at least those that the cells name. */
export function verdictsOf(
  cells: readonly DecisionCell[],
  changes: ReadonlyMap<string, Change>,
  kind: AnswerKind,
): Read {
  const verdicts = new Map<string, Verdict>();
  const faults: string[] = [];
  for (const cell of cells) {
    const change = changes.get(cell.id);
    const verdict = change ? verdictOf(cell, change, kind) : unknownId(cell);
    const before = verdicts.get(cell.id);
    if (typeof verdict === 'string') faults.push(`line ${cell.line}: ${verdict}`);
    else if (before && (before.decision !== verdict.decision || before.after !== verdict.after))
      faults.push(`line ${cell.line}: ${cell.id} was decided otherwise further up; leave one of the two lines.`);
    else verdicts.set(cell.id, verdict);
  }
  return { verdicts, faults };
}

function unknownId({ id }: DecisionCell): string {
  return id === ''
    ? 'the column id is empty: copy it from review.csv.'
    : `"${id.slice(0, 40)}" is no proposal of this rewriting.`;
}

/** The verdict, or what is wrong with the line. */
function verdictOf(cell: DecisionCell, change: Change, kind: AnswerKind): Verdict | string {
  const word = cell.decision.toLowerCase();
  const decision = Object.hasOwn(words, word) ? words[word] : undefined;
  const edited = tidy(cell.edited);
  if (word === '') return 'an edited answer without a decision: write "edit" beside it.';
  if (!decision) {
    const near = didYouMean(word, ['accept', 'refuse', 'edit']);
    return `"${cell.decision.slice(0, 40)}" is no decision; write accept, refuse or edit.${near ? ` Did you mean "${near}"?` : ''}`;
  }
  if (decision !== 'edit' && edited !== '')
    return `an edited answer with the decision "${decision}": write "edit", or empty the cell.`;
  if (cell.after !== null && !looksTheSame(cell.after, change.after))
    return 'the column after was changed: put your answer into the column edited, with the decision edit.';
  if (decision !== 'edit') return { decision, after: change.after };
  if (edited === '') return 'the decision is edit, and the column edited is empty.';
  try {
    return { decision, after: checkAnswer(edited, kind).answer };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return `the edited answer does not fit the task: ${error.detail}.`;
  }
}

/** White space and case aside; a spreadsheet also drops zeros of a number, and turns TRUE to capitals. */
function looksTheSame(shown: string, after: string): boolean {
  const [one, other] = [comparable(shown), comparable(after)];
  if (one === other || one === '') return true;
  const [number, wanted] = [Number(one.replace(',', '.')), Number(other.replace(',', '.'))];
  return one !== '' && Number.isFinite(number) && Number.isFinite(wanted) && number === wanted;
}

/** One decision as the line that a build reads. */
export function reviewOf(change: Change, about: Pick<Review, 'by' | 'at' | 'decision' | 'after'>): Review {
  const { id, purpose, record, source, question, was, before, model } = change;
  const { by, at, decision, after } = about;
  const place = { record, source, question, was };
  const afterDigest = sha256(after).slice(0, 16);
  return {
    schema: 'anneal.review/1',
    at,
    by,
    decision,
    change: id,
    purpose,
    ...place,
    before,
    after,
    afterDigest,
    model,
  };
}
