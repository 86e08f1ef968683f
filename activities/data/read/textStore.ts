/** Many short texts by number, held as bytes: a million file names take a tenth of what as many strings would. */

/** Grows by doubling, so that adding stays cheap. */
export class TextStore {
  private bytes = Buffer.alloc(64 * 1024);
  private ends = new Float64Array(1024);
  private count = 0;

  /** Returns the number of the text, counted from 0. */
  add(text: string): number {
    const begins = this.count === 0 ? 0 : (this.ends[this.count - 1] as number);
    const ends = begins + Buffer.byteLength(text);
    if (ends > this.bytes.length) this.bytes = Buffer.concat([this.bytes], Math.max(this.bytes.length * 2, ends));
    this.bytes.write(text, begins);
    if (this.count === this.ends.length) {
      const larger = new Float64Array(this.count * 2);
      larger.set(this.ends);
      this.ends = larger;
    }
    this.ends[this.count] = ends;
    this.count += 1;
    return this.count - 1;
  }

  get(number: number): string {
    const begins = number === 0 ? 0 : (this.ends[number - 1] as number);
    return this.bytes.toString('utf8', begins, this.ends[number] as number);
  }
}

/** Texts by the number that a file gives them, such as the file name of each image id. */
export class TextsById {
  private readonly texts = new TextStore();
  private readonly numbers = new Map<number | string, number>();

  set(id: number | string, text: string): void {
    this.numbers.set(id, this.texts.add(text));
  }

  get(id: number | string): string | undefined {
    const number = this.numbers.get(id);
    return number === undefined ? undefined : this.texts.get(number);
  }

  get size(): number {
    return this.numbers.size;
  }

  /** A small number for an id, by which its text is found. */
  numberOf(id: unknown): number | undefined {
    return this.numbers.get(id as number | string);
  }

  textOf(number: number): string {
    return this.texts.get(number);
  }
}
