/** The rows of docs/errors.md, and how one is held: by trying its situation. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { explain } from '../../../cli/errors.js';
import type { Problem } from '../../../config/problems.js';
import { anneal } from '../../cli/shells.js';

export interface Row {
  name: string;
  situation: string;
  type: string;
  exitCode: number;
  says: string;
  where: string;
  todo: string;
}

/** What was said of a situation, and the exit code it ends a command with. */
export interface Said {
  problem: Problem;
  exitCode: number;
}

const page = fileURLToPath(new URL('../../../docs/errors.md', import.meta.url));

/** Sections by heading, each with its rows; sections without such a table are left out. */
export function sections(): Map<string, Row[]> {
  const parts = readFileSync(page, 'utf8').split(/^## /m).slice(1);
  const found = parts.map((part): [string, Row[]] => [part.split('\n')[0] ?? '', rowsOf(part)]);
  return new Map(found.filter(([, rows]) => rows.length > 0));
}

function rowsOf(part: string): Row[] {
  const lines = part.split('\n').filter((line) => /^\| `[a-z-]+` \|/.test(line));
  return lines.map((line) => {
    const [name = '', situation = '', type = '', exit, says = '', where = '', todo = ''] = cellsOf(line);
    return { name, situation, type, exitCode: Number(exit), says, where, todo };
  });
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(' |')
    .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1'));
}

/** Tries every row of a section; a row without a try and a try without a row are both wrong. */
export function holdSection(heading: string, tries: Record<string, () => Promise<Said>>): void {
  const rows = sections().get(heading) ?? [];

  it('has a try for each row, and a row for each try', () => {
    expect(Object.keys(tries).sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  it.each(rows)('$name: $situation', async ({ name, type, exitCode, says, where, todo }) => {
    const said = await (tries[name] ?? missing)();
    expect(said.problem).toMatchObject({
      type,
      what: expect.stringContaining(says),
      where: expect.stringContaining(where),
      todo: expect.stringContaining(todo),
    });
    expect(said.exitCode).toBe(exitCode);
  });
}

async function missing(): Promise<never> {
  throw new Error('There is no try for this row.');
}

/** What a command would say of the error that `work` throws. */
export async function saidOf(work: () => Promise<unknown>): Promise<Said> {
  try {
    await work();
  } catch (error) {
    return explain(error);
  }
  throw new Error('Nothing was thrown.');
}

/** What a command line says, with the exit code that it really ends with. */
export async function saidBy(root: string, env: NodeJS.ProcessEnv, ...argv: string[]): Promise<Said> {
  const { code, data } = await anneal(
    root,
    { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml', ...env },
    ...argv,
    '--json',
  );
  return { problem: JSON.parse(data).error as Problem, exitCode: code };
}
