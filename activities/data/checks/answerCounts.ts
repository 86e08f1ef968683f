/** How often each answer occurs, and in which splits: classes where answers are classes. */
import { type Split, splitNames } from '../../../config/records.js';
import { bytes, integers } from '../memory/columns.js';
import { HashMap64, hash64 } from '../memory/hashMap64.js';

/** One answer: in how many good rows, and in which splits its used records lie. */
export interface AnswerCount {
  rows: number;
  splits: Set<Split>;
}

/** Answers whose text is held; a set with more of them has free texts rather than classes. */
const namedAnswers = 50_000;
const namedCharacters = 200;

export class Answers {
  private readonly ids = new HashMap64();
  private readonly rows = integers();
  private readonly masks = bytes();
  private readonly texts: string[] = [];
  /** Answers of which every row was left out. */
  private gone = 0;

  /** The handle of an answer, counted once more. */
  add(answer: string): number {
    const id = this.ids.indexOf(hash64(answer));
    if (id === this.rows.length) {
      this.rows.push(0);
      this.masks.push(0);
      if (id < namedAnswers) this.texts.push(answer.slice(0, namedCharacters));
    }
    this.rows.set(id, this.rows.at(id) + 1);
    return id;
  }

  /** Takes one row back, which is left out. */
  remove(id: number): void {
    this.rows.set(id, this.rows.at(id) - 1);
    if (this.rows.at(id) === 0) this.gone += 1;
  }

  place(id: number, split: Split): void {
    this.masks.set(id, this.masks.at(id) | (1 << splitNames.indexOf(split)));
  }

  get distinct(): number {
    return this.rows.length - this.gone;
  }

  get areAllNamed(): boolean {
    return this.rows.length <= namedAnswers;
  }

  /** Answers that one row alone gives. */
  get once(): number {
    let once = 0;
    for (let id = 0; id < this.rows.length; id += 1) if (this.rows.at(id) === 1) once += 1;
    return once;
  }

  /** The first 50,000 that were met, with 200 characters of each. */
  named(): [string, AnswerCount][] {
    return this.texts.flatMap((text, id) => {
      const rows = this.rows.at(id);
      const splits = new Set(splitNames.filter((_, bit) => this.masks.at(id) & (1 << bit)));
      return rows === 0 ? [] : [[text, { rows, splits }] satisfies [string, AnswerCount]];
    });
  }
}
