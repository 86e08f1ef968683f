/** Work that may not run twice at once: who comes later waits, and finds what the first one made. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  async inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(name) === mine) this.last.delete(name);
    }
  }
}
