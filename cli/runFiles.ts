/** Runs as their files tell: `.anneal/runs/<run>/`. Works without an engine. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isThere, readIfThere, unlessMissing } from '../activities/processes/there.js';
import { problem } from '../config/problems.js';
import { runStates } from '../config/report.js';
import { didYouMean } from '../config/suggest.js';
import { runsFolder } from './paths.js';
import type { Shell } from './shell.js';

/** The part of report.json that lists need. */
const ReportHead = z.object({
  run: z.string(),
  workflowId: z.string(),
  state: z.enum(runStates),
  verdict: z.string(),
  step: z.string(),
  startedAt: z.string(),
  updatedAt: z.string(),
  question: z.string().nullable().default(null),
});
export type ReportHead = z.infer<typeof ReportHead>;

export interface RunFolder {
  run: string;
  folder: string;
  /** null when no report was rendered yet. */
  report: ReportHead | null;
}

/** All runs of a project folder, the newest first. */
export async function listRunFolders(root: string): Promise<RunFolder[]> {
  const names = (await unlessMissing(readdir(runsFolder(root)))) ?? [];
  const folders = await Promise.all(names.map((name) => readRunFolder(root, name)));
  const found = folders.filter((each) => each !== null);
  return found.sort((left, right) => right.begun - left.begun);
}

async function readRunFolder(root: string, run: string): Promise<(RunFolder & { begun: number }) | null> {
  const folder = path.join(runsFolder(root), run);
  const found = await stat(folder);
  if (!found.isDirectory()) return null;
  const content = await readIfThere(path.join(folder, 'report.json'));
  const report = content === null ? null : ReportHead.parse(content);
  return { run, folder, report, begun: report ? Date.parse(report.startedAt) : found.birthtimeMs };
}

/** The digest of the task file that a run was made with; null where the run has no recipe yet. */
export async function taskDigestOf(root: string, run: string): Promise<string | null> {
  const recipe = await readIfThere(path.join(runsFolder(root), run, 'recipe.json'));
  if (recipe === null) return null;
  return z.object({ digests: z.record(z.string(), z.string()) }).parse(recipe).digests['task'] ?? null;
}

/**
 * The folder of a run: by its name, by its workflow's id or its task's name (then the newest), or the newest of all.
 * Throws InvalidInput with the nearest name.
 */
export async function findRunFolder(
  { root, env }: Pick<Shell, 'root' | 'env'>,
  wanted: string | undefined,
): Promise<RunFolder> {
  const folders = await listRunFolders(root);
  const found = wanted === undefined ? folders[0] : folders.find(({ run }) => namesOf(run).includes(wanted));
  if (found) return found;
  const store = env['ANNEAL_STORE'];
  const known = folders.map(({ run }) => run);
  throw store
    ? noSuchRun(`${store}/runs and ${runsFolder(root)}`, wanted, known)
    : noSuchRun(runsFolder(root), wanted, known, ' ANNEAL_STORE shows those of other machines.');
}

/** What a run can be called: boost-digits.1a2b3c4d, boost-digits, digits. */
function namesOf(run: string): string[] {
  const workflowId = run.replace(/\.[0-9a-f]{8}$/, '');
  return [run, workflowId, workflowId.replace(/^boost-/, '')];
}

export function noSuchRun(where: string, wanted: string | undefined, known: readonly string[], more = ''): Error {
  const near = wanted === undefined ? undefined : didYouMean(wanted, known.flatMap(namesOf));
  return problem('InvalidInput', {
    what:
      wanted === undefined
        ? 'There is no run yet.'
        : `There is no run "${wanted}".${near ? ` Did you mean "${near}"?` : ''}`,
    where,
    todo: `${known.length > 0 ? '`anneal status` lists the runs.' : 'Start one: `anneal run examples/digits`.'}${more}`,
  });
}

export async function reportFileOf({ folder }: RunFolder): Promise<string | null> {
  const file = path.join(folder, 'report.html');
  return (await isThere(file)) ? file : null;
}
