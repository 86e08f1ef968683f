/** Tables as docs/benchmarks.md has them. */

/** A Markdown table. Every row has one cell a column. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

/** A share with its 95 % interval. */
export function shareText({ mean, lower, upper }: { mean: number; lower: number; upper: number }): string {
  return `${percent(mean)} (${percent(lower)} to ${percent(upper)})`;
}

/** A difference of shares with its 95 % interval, in percentage points. */
export function pointsText({ mean, lower, upper }: { mean: number; lower: number; upper: number }): string {
  return `${points(mean)} (${points(lower)} to ${points(upper)})`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function points(difference: number): string {
  return `${difference >= 0 ? '+' : ''}${(100 * difference).toFixed(1)}`;
}
