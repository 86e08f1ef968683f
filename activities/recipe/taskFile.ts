/** Reads task.json and says every fault with its line. Knows nothing of Temporal, models or data. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { problem } from '../../config/problems.js';
import { describeIssues, pathText } from '../../config/suggest.js';
import { TaskFile } from '../../config/task.js';

export interface FoundTask {
  file: string;
  folder: string;
  text: string;
  task: TaskFile;
}

/** Finds and reads a task: its folder or its file, relative to `root`. Throws InvalidInput with file, line and remedy. */
export async function readTaskFile(named: string, root: string): Promise<FoundTask> {
  const file = await locate(path.resolve(root, named));
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  const tree = parseStrict(file, text);
  const parsed = TaskFile.safeParse(JSON.parse(text));
  if (parsed.success) return { file, folder: path.dirname(file), text, task: parsed.data };
  const faults = describeIssues(TaskFile, parsed.error);
  const first = faults[0];
  throw problem('InvalidInput', {
    what: faults
      .map(({ path: at, says }) => `${pathText(at)}: ${explain(at, says)}`)
      .slice(0, 8)
      .join('\n'),
    where: `${file}, line ${lineOf(text, nodeAt(tree, first?.path ?? [])?.offset ?? 0)}`,
    todo: 'Correct these keys; docs/task-file.md explains each.',
  });
}

async function locate(named: string): Promise<string> {
  const candidates = [named, path.join(named, 'task.json')];
  for (const candidate of candidates) {
    const found = await stat(candidate).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (found?.isFile()) return candidate;
  }
  throw problem('InvalidInput', {
    what: 'There is no task file there.',
    where: candidates.join(' or '),
    todo: 'Name a folder with a task.json in it, or the file itself; examples/digits is one that works.',
  });
}

function parseStrict(file: string, text: string): Node | undefined {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  if (first) {
    const { line, column } = placeOf(text, first.offset);
    throw problem('InvalidInput', {
      what: `This is not JSON: ${printParseErrorCode(first.error)}.`,
      where: `${file}, line ${line}, column ${column}`,
      todo: 'Correct the JSON there; quotes are double, and no comma follows the last value.',
    });
  }
  return tree;
}

/** The node at a path, or its nearest parent that is there. */
function nodeAt(tree: Node | undefined, at: readonly (string | number)[]): Node | undefined {
  if (!tree) return undefined;
  for (let length = at.length; length >= 0; length -= 1) {
    const node = findNodeAtLocation(tree, at.slice(0, length));
    if (node) return node;
  }
  return tree;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function lineOf(text: string, offset: number): number {
  return placeOf(text, offset).line;
}

function explain(at: readonly (string | number)[], says: string): string {
  const target = at[0] === 'target' && says.startsWith('it is missing');
  return target ? 'a task must state its target, such as {"score": 0.95}; Anneal does not invent one.' : says;
}
