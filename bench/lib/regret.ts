export interface Regret {
  /** Mean loss of the one less that of the other over the items that both have, nats a token. */
  mean: number;
  /** Of that mean, over items. */
  standardError: number;
  items: number;
}

/** How far one model is behind another, item by item. */
export function regretOf(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): Regret {
  const differences = [...one].flatMap(([id, loss]) => {
    const beside = other.get(id);
    return beside === undefined ? [] : [loss - beside];
  });
  const items = differences.length;
  const mean = differences.reduce((sum, each) => sum + each, 0) / Math.max(1, items);
  const squares = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return { mean, standardError: items > 1 ? Math.sqrt(squares / (items - 1) / items) : 0, items };
}
