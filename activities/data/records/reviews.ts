/**
 * What people decided about answers, laid over the rows of a source: the next build takes an accepted answer in place
 * of the row's, and the source file stays as it is. A row is known by the content of its question and of its answer, so
 * that decisions hold when lines move, and lapse when somebody changes the answer.
 */
import { appendFile, open, readFile } from 'node:fs/promises';
import { problem } from '../../../config/problems.js';
import { Review } from '../../../config/rewriting.js';
import { unlessMissing } from '../../processes/there.js';
import { noSpace, sha256 } from '../../storage/files.js';
import { comparable } from './answerText.js';

/** The answer that a person let stand in place of a row's. */
export interface ReviewedAnswer {
  answer: string;
  by: string;
  purpose: Review['purpose'];
}

/** An answer as rows are told apart by it: case and white space aside, as duplicates are. Null where there is none. */
export function answerDigest(answer: string | null): string | null {
  return answer === null ? null : sha256(comparable(answer)).slice(0, 16);
}

export class Reviews {
  /** SHA-256 of the file; null where there is none. */
  readonly digest: string | null;
  /** By question, the last decision on each change, in the order of their first. */
  private readonly byQuestion = new Map<string, Map<string, Review>>();
  private readonly met = new Set<string>();

  private constructor(decisions: Iterable<Review>, digest: string | null) {
    this.digest = digest;
    for (const review of decisions) {
      const changes = this.byQuestion.get(review.question) ?? new Map<string, Review>();
      changes.delete(review.change); // A decision that replaces an earlier one takes its place in time, too.
      this.byQuestion.set(review.question, changes.set(review.change, review));
    }
  }

  static of(decisions: Iterable<Review>): Reviews {
    return new Reviews(decisions, null);
  }

  /** Reads a file of decisions; none where the file or its name is missing. Throws DatasetInvalid with the line. */
  static async read(file: string | null): Promise<Reviews> {
    const bytes = file === null ? null : await unlessMissing(readFile(file));
    if (bytes === null || file === null) return new Reviews([], null);
    const lines = bytes.toString('utf8').split('\n');
    const decisions = lines.flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, file, index + 1)]));
    return new Reviews(decisions, sha256(bytes));
  }

  get size(): number {
    let sum = 0;
    for (const changes of this.byQuestion.values()) sum += changes.size;
    return sum;
  }

  /** What stands in place of a row's answer; null where nothing was accepted for it. Accepted changes follow each other. */
  answerFor(question: string, current: string | null): ReviewedAnswer | null {
    let found: ReviewedAnswer | null = null;
    let now = answerDigest(current);
    for (const review of this.byQuestion.get(question)?.values() ?? []) {
      if (review.was !== now) continue;
      this.met.add(review.change);
      if (review.decision === 'refuse') continue;
      found = { answer: review.after, by: review.by, purpose: review.purpose };
      now = answerDigest(review.after);
    }
    return found;
  }

  /** The last decision on a change. */
  decisionOn(question: string, change: string): Review | null {
    return this.byQuestion.get(question)?.get(change) ?? null;
  }

  /** Digests of the answers that were accepted for a question. */
  accepted(question: string): (string | null)[] {
    const changes = [...(this.byQuestion.get(question)?.values() ?? [])];
    return changes.flatMap(({ decision, after }) => (decision === 'refuse' ? [] : [answerDigest(after)]));
  }

  /** Decisions that `answerFor` met no row for: their rows are gone or say something else now. */
  unmet(): Review[] {
    return [...this.byQuestion.values()].flatMap((changes) =>
      [...changes.values()].filter(({ change }) => !this.met.has(change)),
    );
  }
}

/** Adds decisions to a file of them, which is begun where there is none. Throws NoSpace. */
export async function appendReviews(file: string, reviews: readonly Review[]): Promise<void> {
  if (reviews.length === 0) return;
  const before = await unlessMissing(readFile(file));
  const begins = before === null || before.length === 0 || before.at(-1) === 10 ? '' : '\n';
  try {
    await appendFile(file, begins + reviews.map((review) => `${JSON.stringify(review)}\n`).join(''));
    const handle = await open(file, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    throw noSpace(error, file) ?? error;
  }
}

function parseLine(text: string, file: string, line: number): Review {
  try {
    return Review.parse(JSON.parse(text));
  } catch (error) {
    throw problem(
      'DatasetInvalid',
      {
        what: 'This line is no decision of a review.',
        where: `${file}, line ${line}`,
        todo: 'Restore the file from your version control; `anneal data review` writes it, people do not.',
      },
      { cause: error },
    );
  }
}
