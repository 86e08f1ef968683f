/** A cache of bounded size: what was not asked for lately is forgotten. */
export class Recent<Key, Value> {
  private readonly entries = new Map<Key, Value>();
  private readonly maximum: number;

  constructor(maximum: number) {
    this.maximum = maximum;
  }

  /** The value of a key, made when it is not known. */
  get(key: Key, make: () => Value): Value {
    const known = this.entries.get(key);
    const value = known === undefined ? make() : known;
    if (known !== undefined) this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.maximum) this.entries.delete(this.entries.keys().next().value as Key);
    return value;
  }
}
