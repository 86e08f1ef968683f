/** How often each answer occurs, in bounded memory. */

/** Answers that are counted; those first met later are only known to be there. */
const countedAnswers = 50_000;
/** Characters by which answers are told apart here. */
const shownCharacters = 120;

export class AnswerCounts {
  private readonly counts = new Map<string, number>();

  add(answer: string): void {
    const shown = answer.length > shownCharacters ? `${answer.slice(0, shownCharacters)}…` : answer;
    const before = this.counts.get(shown);
    if (before !== undefined || this.counts.size < countedAnswers) this.counts.set(shown, (before ?? 0) + 1);
  }

  /** The most frequent first; of equally frequent ones, in the order of their texts. */
  top(most: number): { answer: string; rows: number }[] {
    return [...this.counts]
      .map(([answer, rows]) => ({ answer, rows }))
      .sort((one, other) => other.rows - one.rows || (one.answer < other.answer ? -1 : 1))
      .slice(0, most);
  }
}
