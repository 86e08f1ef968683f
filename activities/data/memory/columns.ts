/** Columns of numbers that grow: one entry a record or a picture, in a few bytes each. */

type Numbers = Int32Array | Uint8Array | Float64Array;

export class Column<Kind extends Numbers = Int32Array> {
  length = 0;
  private numbers: Kind;
  private readonly make: (length: number) => Kind;

  constructor(make: (length: number) => Kind) {
    this.make = make;
    this.numbers = make(1024);
  }

  /** Adds a number at the end; returns its index. */
  push(value: number): number {
    if (this.length === this.numbers.length) {
      const larger = this.make(2 * this.length);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[this.length] = value;
    this.length += 1;
    return this.length - 1;
  }

  at(index: number): number {
    return this.numbers[index] as number;
  }

  set(index: number, value: number): void {
    this.numbers[index] = value;
  }
}

export const integers = (): Column<Int32Array> => new Column((length) => new Int32Array(length));
export const bytes = (): Column<Uint8Array> => new Column((length) => new Uint8Array(length));
export const doubles = (): Column<Float64Array> => new Column((length) => new Float64Array(length));
