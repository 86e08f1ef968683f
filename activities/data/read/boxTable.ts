/** Boxes of many images, held as numbers until all of one image and category are known. */
export interface BoxGroup {
  image: number;
  category: number;
  /** Of the first box in the file. */
  line: number;
  /** Left, top, right, bottom; from left to right, then from top to bottom. */
  boxes: number[][];
}

const numbersPerBox = 4;
/** More categories than any dataset has; image and category make one key below 2^53. */
const maximumCategories = 2 ** 20;

export class BoxTable {
  private readonly groupNumbers = new Map<number, number>();
  private readonly keys: number[] = [];
  private count = 0;
  private groupOf = new Int32Array(1024);
  private lines = new Int32Array(1024);
  private corners = new Float64Array(1024 * numbersPerBox);

  /** Image and category by number; `box` is x, y, width and height, as COCO writes it. */
  add(image: number, category: number, { line, box }: { line: number; box: number[] }): void {
    const key = image * maximumCategories + category;
    const group = this.groupNumbers.get(key) ?? this.keys.push(key) - 1;
    this.groupNumbers.set(key, group);
    if (this.count === this.lines.length) this.grow();
    const [x = 0, y = 0, width = 0, height = 0] = box;
    this.groupOf[this.count] = group;
    this.lines[this.count] = line;
    this.corners.set([x, y, x + width, y + height], this.count * numbersPerBox);
    this.count += 1;
  }

  /** Groups in the order of their first boxes. */
  *groups(): Generator<BoxGroup> {
    const order = Array.from({ length: this.count }, (_, index) => index);
    order.sort((one, other) => this.group(one) - this.group(other) || one - other);
    for (let from = 0; from < order.length; ) {
      const first = order[from] as number;
      let to = from;
      while (to < order.length && this.group(order[to] as number) === this.group(first)) to += 1;
      const key = this.keys[this.group(first)] as number;
      const [image, category] = [Math.floor(key / maximumCategories), key % maximumCategories];
      const boxes = order.slice(from, to).map((index) => this.boxAt(index));
      boxes.sort(
        (one, other) => (one[0] as number) - (other[0] as number) || (one[1] as number) - (other[1] as number),
      );
      yield { image, category, line: this.lines[first] as number, boxes };
      from = to;
    }
  }

  private group(index: number): number {
    return this.groupOf[index] as number;
  }

  private boxAt(index: number): number[] {
    return [...this.corners.subarray(index * numbersPerBox, (index + 1) * numbersPerBox)];
  }

  private grow(): void {
    const larger = { groupOf: new Int32Array(this.count * 2), lines: new Int32Array(this.count * 2) };
    larger.groupOf.set(this.groupOf);
    larger.lines.set(this.lines);
    const corners = new Float64Array(this.count * 2 * numbersPerBox);
    corners.set(this.corners);
    Object.assign(this, { ...larger, corners });
  }
}
