/** Rows that say the same as an earlier one, and rows that contradict it (M4). */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { Message } from '../../../config/records.js';
import { sha256 } from '../../storage/files.js';
import { comparable } from '../records/answerText.js';

export interface Place {
  source: string;
  line: number;
  id: string;
}

export class Duplicates {
  /** By question, the first row of each answer. */
  private readonly asked = new Map<string, Map<string, Place>>();
  private readonly ignoreCase: boolean;

  constructor(kind: AnswerKind) {
    this.ignoreCase = kind.kind === 'text' ? kind.ignoreCase : kind.kind === 'attributes';
  }

  /** The earlier row with the same question and answer; undefined when this one is the first. */
  add(question: string, answer: string, place: Place): Place | undefined {
    const answers = this.asked.get(question) ?? new Map<string, Place>();
    this.asked.set(question, answers);
    const said = this.ignoreCase ? comparable(answer) : answer;
    const before = answers.get(said);
    if (!before) answers.set(said, place);
    return before;
  }

  /** Rows that share pictures and question with a row of another answer, and the first such pairs. */
  conflicts(maximumPairs: number): { rows: number; pairs: [Place, Place][] } {
    let rows = 0;
    const pairs: [Place, Place][] = [];
    for (const answers of this.asked.values()) {
      if (answers.size < 2) continue;
      rows += answers.size;
      const [one, other] = answers.values();
      if (one && other && pairs.length < maximumPairs) pairs.push([one, other]);
    }
    return { rows, pairs };
  }
}

/** The digest of all but the answer, with pictures by content and texts as `comparable` sees them. */
export function questionKey(messages: Message[], pictures: string[]): string {
  const turns = messages
    .slice(0, -1)
    .map(({ role, content }) => [
      role,
      ...content.map((part) => (part.type === 'image' ? { picture: pictures[part.image] } : comparable(part.text))),
    ]);
  return sha256(JSON.stringify(turns)).slice(0, 32);
}
