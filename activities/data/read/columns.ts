/** Columns and roles under other names, as registries of datasets declare them. */
import type { Row } from '../records/chat.js';
import type { ReadRow } from './format.js';

export interface Columns {
  /** The name in the file, by the name that our shapes know. */
  names: Record<string, string>;
  /** How its messages are written; null where they are as everywhere. */
  tags: Tags | null;
}

export interface Tags {
  role: string;
  content: string;
  /** Our role, by the file's word for it. */
  roles: Record<string, string>;
}

/** The rows with their columns under the names that our shapes know; the others stay as they are. */
export async function* renamed(rows: AsyncIterable<ReadRow>, columns: Columns): AsyncGenerator<ReadRow> {
  for await (const row of rows) yield row.value ? { ...row, value: renamedRow(row.value, columns) } : row;
}

function renamedRow(row: Row, { names, tags }: Columns): Row {
  const others = Object.entries(row).filter(([key]) => !Object.values(names).includes(key));
  const made: Row = Object.fromEntries(others);
  for (const [ours, theirs] of Object.entries(names)) if (theirs in row) made[ours] = row[theirs];
  for (const key of ['messages', 'conversations', 'chosen', 'rejected'])
    if (tags && made[key])
      made[key] = Array.isArray(made[key]) ? made[key].map((each) => tagged(each, tags)) : tagged(made[key], tags);
  return made;
}

function tagged(turn: unknown, { role, content, roles }: Tags): unknown {
  if (typeof turn !== 'object' || turn === null) return turn;
  const { [role]: spoken, [content]: said, ...others } = turn as Row;
  return { ...others, role: roles[String(spoken)] ?? spoken, content: said };
}
