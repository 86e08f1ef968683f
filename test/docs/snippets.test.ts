import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import type { z } from 'zod';
import { ExtendBudget, StopTraining } from '../../config/budget.js';
import { CaptionInput } from '../../config/captioning.js';
import { Overrule } from '../../config/decisions.js';
import { TaskRecord } from '../../config/records.js';
import { resolveSettings } from '../../config/resolve.js';
import { RetrainInput } from '../../config/retraining.js';
import { RewriteInput } from '../../config/rewriting.js';
import { RecipeSettings } from '../../config/settings.js';
import { BoostInput, TaskFile } from '../../config/task.js';
import { TrainingEvent, TrainingSpec } from '../../config/training.js';
import { WebhookEvent } from '../../config/webhook.js';
import { idleProgram } from '../../docs/commandTables.js';
import { read, repository, snippets } from './pages.js';

jest.setTimeout(60_000);

const schemas: Record<string, z.ZodType> = {
  BoostInput,
  CaptionInput,
  ExtendBudget,
  Overrule,
  RecipeSettings,
  RetrainInput,
  RewriteInput,
  StopTraining,
  TaskFile,
  TaskRecord,
  TrainingEvent,
  TrainingSpec,
  WebhookEvent,
};

function acceptsSettings(settings: unknown): void {
  const resolved = resolveSettings([{ from: 'run', settings: settings as Record<string, unknown> }]);
  expect(resolved).toMatchObject({ ok: true });
}

describe('JSON in the documentation', () => {
  it.each(snippets('json'))('$at is a $of', ({ of, text }) => {
    const value = JSON.parse(text);
    expect(Object.keys(schemas)).toContain(of);
    expect(schemas[of]?.safeParse(value).error).toBeUndefined();
    if (of === 'TaskFile' || of === 'BoostInput') acceptsSettings(value.recipe ?? {});
  });

  it('has the task of the demo as it is', () => {
    const [shown] = snippets('json').filter(({ at }) => at.startsWith('README.md'));
    expect(JSON.parse(shown?.text ?? '')).toEqual(JSON.parse(read('examples/digits/task.json')));
  });
});

/** The words of a command; quotes keep spaces together. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

/** A command without the variables that are set for it alone. */
function commandOf(line: string): string[] {
  const all = words(line);
  const first = all.findIndex((word) => !/^(ANNEAL|OTEL|TEMPORAL)_\w+=/.test(word));
  return all.slice(first);
}

/** Packages that are optional are tried in the versions that the page names. */
function areOurVersions(packages: string[]): void {
  const { devDependencies } = JSON.parse(read('package.json'));
  expect(packages).toEqual(
    packages.map((each) => each.replace(/@[^@]+$/, (_, at) => `@${devDependencies[each.slice(0, at)]}`)),
  );
}

const commands = snippets('bash').flatMap(({ at, text }) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ at, line })),
);

describe('commands in the documentation', () => {
  it.each(commands)('$at: $line', async ({ line }) => {
    const [program, ...rest] = commandOf(line);
    if (program === 'npm' && rest[0] === 'install') return areOurVersions(rest.slice(1));
    const isStart = program === 'npm' && rest[0] === 'start';
    if (program === 'npm' && !isStart) {
      const script = rest[0] === 'run' ? rest[1] : rest[0];
      expect(Object.keys(JSON.parse(read('package.json')).scripts)).toContain(script);
      return;
    }
    expect(isStart || program === 'anneal').toBe(true);
    const argv = isStart ? ['start', ...rest.slice(1).filter((word) => word !== '--')] : rest;
    const parsed = await idleProgram().parseAsync(argv, { from: 'user' });
    const command = parsed.commands.find((each) => each.name() === argv[0]);
    const set = command?.opts()['set'] ?? {};
    if (argv[0] === 'caption') CaptionInput.parse({ images: argv[1], model: 'tiny', ...set });
    else acceptsSettings(set);
  });
});

describe('TypeScript in the documentation', () => {
  it('compiles', async () => {
    const cache = path.join(repository, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(path.join(cache, 'anneal-docs-'));
    try {
      const files = snippets('ts').map(({ text }, index) => {
        writeFileSync(path.join(folder, `snippet${index}.mts`), text);
        return `snippet${index}.mts`;
      });
      const config = {
        extends: path.join(repository, 'tsconfig.json'),
        compilerOptions: { paths: { 'anneal-vlm/*': [path.join(repository, 'embedding/*.ts')] }, rootDir: repository },
        include: [],
        files,
      };
      writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
      const tsc = path.join(repository, 'node_modules', '.bin', 'tsc');
      const { stdout } = await promisify(execFile)(tsc, ['-p', folder]).catch((error: { stdout: string }) => error);
      expect(stdout).toBe('');
      expect(files).not.toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
