/** An amount that works share: each waits until its part is free, in the order they came. */
export class Allotment {
  private readonly whole: number;
  private free: number;
  private readonly waiting: { amount: number; begin: () => void }[] = [];

  constructor(whole: number) {
    this.whole = whole;
    this.free = whole;
  }

  /** Works while it holds the amount; one that is more than the whole takes all of it. */
  async holding<Result>(amount: number, work: () => Promise<Result>): Promise<Result> {
    const taken = Math.min(amount, this.whole);
    await new Promise<void>((begin) => {
      this.waiting.push({ amount: taken, begin });
      this.serve();
    });
    try {
      return await work();
    } finally {
      this.free += taken;
      this.serve();
    }
  }

  private serve(): void {
    for (let next = this.waiting[0]; next !== undefined && next.amount <= this.free; next = this.waiting[0]) {
      this.waiting.shift();
      this.free -= next.amount;
      next.begin();
    }
  }
}
