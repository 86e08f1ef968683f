/** How often each answer occurs, in bounded memory however many different ones there are. */
import { hash53 } from './hash53.js';

export interface BalanceFigures {
  rows: number;
  /** Different answers; equal 53-bit hashes count as one. */
  distinct: number;
  /** Answers that occur once: they can be learnt or judged, never both. */
  once: number;
  /** The commonest answers, most first; equal counts by text. */
  commonest: { answer: string; rows: number }[];
  /** Share of the rows with the commonest answer: the score of always giving it. */
  majorityShare: number;
  /** Whether to judge by mean recall per class: the majority class holds more than 60 % of the rows. */
  judgeByRecall: boolean;
  /** Effective number of classes: the exponential of the entropy (Hill 1973). Few against `distinct` means imbalance. */
  effectiveClasses: number;
}

/** The same share as the evaluation uses for its balanced score. */
const imbalanced = 0.6;
const keptAnswers = 1024;
const shownCharacters = 200;

/** Counts by hash: 24 bytes a different answer, and the texts of 1,024 candidates for the commonest. */
export class Balance {
  private keys = new Float64Array(1024);
  private counts = new Uint32Array(1024);
  private distinct = 0;
  private rows = 0;
  /** Texts of answers whose count passed `floor`, by hash. */
  private readonly texts = new Map<number, string>();
  private floor = 0;

  add(answer: string): void {
    if (this.distinct * 2 >= this.keys.length) this.enlarge();
    const key = hash53(answer);
    const slot = this.slotOf(key);
    if (this.counts[slot] === 0) {
      this.keys[slot] = key;
      this.distinct += 1;
    }
    const count = (this.counts[slot] as number) + 1;
    this.counts[slot] = count;
    this.rows += 1;
    if (count > this.floor && !this.texts.has(key)) this.keepText(key, answer);
  }

  /** The `top` commonest are exact as long as their texts were kept: see `keepText`. At most 512. */
  figures(top: number): BalanceFigures {
    const counts = this.counts.filter((count) => count > 0);
    const largest = counts.reduce((most, count) => Math.max(most, count), 0);
    const entropy = counts.reduce((sum, count) => sum - (count / this.rows) * Math.log(count / this.rows), 0);
    const commonest = [...this.texts]
      .map(([key, answer]) => ({ answer, rows: this.counts[this.slotOf(key)] as number }))
      .sort((one, other) => other.rows - one.rows || (one.answer < other.answer ? -1 : 1))
      .slice(0, Math.min(top, keptAnswers / 2));
    const majorityShare = this.rows === 0 ? 0 : largest / this.rows;
    return {
      rows: this.rows,
      distinct: this.distinct,
      once: counts.reduce((sum, count) => sum + Number(count === 1), 0),
      commonest,
      majorityShare,
      judgeByRecall: counts.length > 1 && majorityShare > imbalanced,
      effectiveClasses: this.rows === 0 ? 0 : Math.exp(entropy),
    };
  }

  /**
   * Keeps the text of an answer that may be among the commonest. When there are too many, the rarer half is forgotten,
   * and only answers that occur more often than those are kept anew: an answer counted above all of these is met again
   * at its next row, so a text is missing only where it has not been seen since.
   */
  private keepText(key: number, answer: string): void {
    this.texts.set(key, answer.slice(0, shownCharacters));
    if (this.texts.size < keptAnswers) return;
    const byCount = [...this.texts.keys()].sort(
      (one, other) => (this.counts[this.slotOf(other)] as number) - (this.counts[this.slotOf(one)] as number),
    );
    const half = byCount.slice(keptAnswers / 2);
    this.floor = this.counts[this.slotOf(half[0] as number)] as number;
    for (const forgotten of half) this.texts.delete(forgotten);
  }

  /** Open addressing: the slot of the key, or the first free one after its place. */
  private slotOf(key: number): number {
    const { keys, counts } = this;
    let slot = key % keys.length;
    while (counts[slot] !== 0 && keys[slot] !== key) slot = slot + 1 === keys.length ? 0 : slot + 1;
    return slot;
  }

  private enlarge(): void {
    const { keys, counts } = this;
    this.keys = new Float64Array(keys.length * 2);
    this.counts = new Uint32Array(counts.length * 2);
    for (const [slot, count] of counts.entries()) {
      if (count === 0) continue;
      const to = this.slotOf(keys[slot] as number);
      this.keys[to] = keys[slot] as number;
      this.counts[to] = count;
    }
  }
}
