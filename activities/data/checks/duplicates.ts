/** Rows that say the same as an earlier one, and rows that contradict it (M4). */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { Message } from '../../../config/records.js';
import { sha256 } from '../../storage/files.js';
import { integers } from '../memory/columns.js';
import { HashMap64, hash64 } from '../memory/hashMap64.js';
import { comparable } from '../records/answerText.js';

/** Rows that share pictures and question with a row of another answer. */
export interface Conflicts {
  rows: number;
  /** The first row of each such question with the first that contradicts it, as indices. */
  pairs: [number, number][];
}

/** How two answers are compared. */
export function sayingOf(answer: string, kind: AnswerKind): string {
  const ignoreCase = kind.kind === 'text' ? kind.ignoreCase : kind.kind === 'attributes';
  return ignoreCase ? comparable(answer) : answer;
}

/** The digest of all but the answer, with pictures by content and texts as `comparable` sees them. */
export function questionKey(messages: Message[], pictures: string[]): string {
  const asked = messages.at(-1)?.role === 'assistant' ? messages.slice(0, -1) : messages;
  const turns = asked.map(({ role, content }) => [
    role,
    ...content.map((part) => (part.type === 'image' ? { picture: pictures[part.image] } : comparable(part.text))),
  ]);
  return sha256(JSON.stringify(turns)).slice(0, 32);
}

const maximumPairs = 100;

/** Finds contradictions: `question` names what is asked of which pictures, near-duplicates being one picture. */
export class ConflictFinder {
  private readonly questions = new HashMap64();
  private readonly firstRow = integers();
  private readonly firstSaying = integers();
  private readonly others = integers();
  private readonly questionOf = integers();
  private readonly pairs: [number, number][] = [];

  /** Rows are told in order, every one with an index of its own; -1 stands for one that is not used. */
  add(row: number, question: string | null, saying: number): void {
    if (question === null) {
      this.questionOf.push(-1);
      return;
    }
    const id = this.questions.indexOf(hash64(question));
    this.questionOf.push(id);
    if (id === this.firstRow.length) {
      this.firstRow.push(row);
      this.firstSaying.push(saying);
      this.others.push(0);
    } else if (this.firstSaying.at(id) !== saying) {
      if (this.others.at(id) === 0 && this.pairs.length < maximumPairs) this.pairs.push([this.firstRow.at(id), row]);
      this.others.set(id, this.others.at(id) + 1);
    }
  }

  contradicts(row: number): boolean {
    const question = this.questionOf.at(row);
    return question !== -1 && this.others.at(question) > 0;
  }

  conflicts(): Conflicts {
    let rows = 0;
    for (let row = 0; row < this.questionOf.length; row += 1) if (this.contradicts(row)) rows += 1;
    return { rows, pairs: this.pairs };
  }
}
