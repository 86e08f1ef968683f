/** Records with the pictures and the question of another, and another answer: 16 bytes are held of each record. */
import { rankOf } from './sample.js';

export class Conflicts {
  private questions = new Float64Array(1024);
  private answers = new Float64Array(1024);
  private size = 0;

  /** `question` holds everything but the answer; returns its key. */
  add(question: string, answer: string): void {
    if (this.size === this.questions.length) this.grow();
    this.questions[this.size] = rankOf(question);
    this.answers[this.size] = rankOf(answer);
    this.size += 1;
  }

  /** The number of records in conflict, and the keys of so many of their questions. */
  find(most: number): { records: number; keys: Set<number> } {
    const order = new Uint32Array(this.size).map((_, index) => index);
    order.sort((one, other) => this.questionAt(one) - this.questionAt(other));
    const keys = new Set<number>();
    let records = 0;
    for (let from = 0; from < order.length; ) {
      const key = this.questionAt(order[from] ?? 0);
      let to = from + 1;
      while (to < order.length && this.questionAt(order[to] ?? 0) === key) to += 1;
      const answers = new Set(Array.from(order.subarray(from, to), (index) => this.answers[index]));
      if (answers.size > 1) {
        records += to - from;
        if (keys.size < most) keys.add(key);
      }
      from = to;
    }
    return { records, keys };
  }

  private questionAt(index: number): number {
    return this.questions[index] ?? 0;
  }

  private grow(): void {
    const larger = (of: Float64Array<ArrayBuffer>) => {
      const grown = new Float64Array(of.length * 2);
      grown.set(of);
      return grown;
    };
    this.questions = larger(this.questions);
    this.answers = larger(this.answers);
  }
}
