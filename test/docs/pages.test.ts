import { existsSync } from 'node:fs';
import path from 'node:path';
import { namedCommands } from '../../cli/program.js';
import { exitCodes, nonRetryableProblems, ProblemType } from '../../config/problems.js';
import { searchAttributes, taskQueues } from '../../config/queues.js';
import { idleProgram } from '../../docs/commandTables.js';
import { withTables } from '../../docs/generate.js';
import { extendBudgetUpdate, overruleUpdate, progressQuery, stopUpdate } from '../../workflows/run/messages.js';
import { anneal } from '../cli/shells.js';
import { sections } from './errors/rows.js';
import { allPages, quoted, read, repository } from './pages.js';

describe('every page', () => {
  it.each(allPages())(
    '%s has its tables as the schemas and commands make them (npx tsx docs/generate.ts)',
    (_, text) => {
      expect(withTables(text)).toBe(text);
    },
  );

  it.each(allPages())('%s links to files and headings that are there', (file, text) => {
    const links = [...text.matchAll(/(?<!!)\[[^\]]+\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    for (const link of links.filter((each) => !each.startsWith('https://'))) {
      const [target = '', heading] = link.split('#');
      const found = target ? path.join(path.dirname(file), target) : file;
      expect({ link, found: existsSync(path.join(repository, found)) }).toEqual({ link, found: true });
      if (heading) expect(headingsOf(read(found))).toContain(heading);
    }
  });
});

function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('README', () => {
  it('names the exit codes of config', () => {
    const [, table = ''] = read('README.md').split('## Exit codes');
    const rows = [...table.matchAll(/^\| (\d) \| (.+) \|$/gm)].map(([, code, meaning]) => [Number(code), meaning]);
    expect(rows.map(([code]) => code)).toEqual(Object.values(exitCodes));
    expect(rows).toEqual([
      [exitCodes.done, 'done'],
      [exitCodes.notSolved, 'the task is not solved'],
      [exitCodes.yourInput, 'your input'],
      [exitCodes.fault, "our fault or the world's"],
      [exitCodes.waitsForPerson, 'waits for a person'],
      [exitCodes.cancelled, 'cancelled'],
    ]);
  });
});

describe('docs/architecture.md', () => {
  const page = read('docs/architecture.md');
  const between = (name: string) => page.split(`<!-- ${name} -->`)[1]?.split(`<!-- end ${name} -->`)[0] ?? '';

  it('lists the problems that are not retried', () => {
    expect(quoted(between('nonRetryable'))).toEqual([...nonRetryableProblems]);
  });

  it('lists the groups of activities with their queues and longest attempts', () => {
    const source = read('workflows/proxies.ts');
    const declared = [
      ...source.matchAll(
        /^export const (\w+) = proxyActivities<[\s\S]*?taskQueue: taskQueues\.(\w+)[\s\S]*?startToCloseTimeout: '(.+?)'/gm,
      ),
    ];
    const rows = [...between('proxies').matchAll(/^\| `(\w+)` \| `([\w-]+)` \|.*?\| (\d+ \w+) \|/gm)];
    expect(rows.map(([, ...row]) => row)).toEqual(
      declared.map(([, group, queue, longest]) => [group, taskQueues[queue as keyof typeof taskQueues], longest]),
    );
  });

  it('names every queue, workflow, search attribute, query and update', () => {
    const workflows = [...read('workflows/index.ts').matchAll(/^export \{ (\w+) \}/gm)].map(([, name = '']) => name);
    const [, names = ''] = page.split('## Queues, names, search attributes');
    const all = [Object.values(taskQueues), workflows, Object.values(searchAttributes)].flat();
    expect(quoted(names)).toEqual(
      expect.arrayContaining([
        ...all,
        progressQuery.name,
        overruleUpdate.name,
        extendBudgetUpdate.name,
        stopUpdate.name,
      ]),
    );
    expect(quoted(names.split('| workflows |')[1]?.split('\n')[0] ?? '').sort()).toEqual(workflows.sort());
  });
});

describe('docs/errors.md', () => {
  it('names every type of problem', () => {
    const named = new Set(quoted(read('docs/errors.md')));
    for (const type of ProblemType.options.filter((each) => each !== 'Internal')) expect(named).toContain(type);
  });

  it('says the situation of every row once', () => {
    const names = [...sections().values()].flat().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(50);
  });
});

describe('docs/command-line.md', () => {
  const parts = read('docs/command-line.md').split(/^## /m).slice(1);
  const commands = parts.filter((part) => part.includes('<!-- generated: command'));

  it.each(commands.map((part) => [part.split('\n')[0] ?? '', part]))(
    '%s names the options that its help prints',
    async (name, part) => {
      const { data } = await anneal(repository, {}, ...name.split(' '), '--help');
      const printed = [...data.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
      const rows = [...part.matchAll(/^\| `(--[\w-]+)/gm)].map(([, option]) => option);
      expect([...rows, '--help'].sort()).toEqual(printed.sort());
    },
  );

  it('has a part for every command', () => {
    const listed = namedCommands(idleProgram()).map(({ words }) => words);
    expect(commands.map((part) => part.split('\n')[0])).toEqual(listed);
  });
});
