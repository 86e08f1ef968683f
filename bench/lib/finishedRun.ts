/** A finished run as its files tell it: the part that benches need, so that they read runs of older versions too. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isThere, unlessMissing } from '../../activities/processes/there.js';
import { readJson, readJsonLines, toPath } from '../../activities/storage/files.js';
import { RecordedDecision } from '../../config/decisions.js';
import { AnswerKind, AnswerRow } from '../../config/evaluation.js';
import { problem } from '../../config/problems.js';
import { ReportFacts, TrainingSummary } from '../../config/report.js';
import { ResolvedRecipe } from '../../config/resolved.js';
import { RecipeSettings } from '../../config/settings.js';

const { training, prompt, evaluation } = RecipeSettings.shape;

const Recipe = z.object({
  task: ResolvedRecipe.shape.task,
  generic: z.object({ answer: AnswerKind }).nullable(),
  model: z.object({ uri: z.string() }),
  settings: z.object({
    seed: RecipeSettings.shape.seed,
    training: z.object(training.unwrap().shape),
    prompt: z.object(prompt.unwrap().shape),
    evaluation: z.object(evaluation.unwrap().shape),
  }),
});

const Asked = z.object({ answersUri: z.string() }).nullable();

const Report = ReportFacts.pick({ run: true, state: true, startedAt: true, updatedAt: true, steps: true }).extend({
  recipe: Recipe,
  decisions: z.array(RecordedDecision),
  business: z.object({ uri: z.string() }),
  generic: z.object({ uri: z.string() }).nullable(),
  trainings: z.array(z.object(TrainingSummary.shape)),
  before: z.object({ business: Asked, generic: Asked }),
  result: ReportFacts.shape.result,
});

export type FinishedRun = z.infer<typeof Report> & { folder: string };

/** By its folder, or the newest finished one that trained, here. Throws InvalidInput. */
export async function finishedRun(named: string | undefined): Promise<FinishedRun> {
  const folder = path.resolve(named ?? (await newestTuned(path.resolve('.anneal', 'runs'))));
  const report = Report.loose().safeParse(await readJson(path.join(folder, 'report.json')));
  if (report.success && ['done', 'notSolved'].includes(report.data.state)) return { ...report.data, folder };
  throw problem('InvalidInput', {
    what: report.success ? `The run is ${report.data.state}.` : z.prettifyError(report.error),
    where: path.join(folder, 'report.json'),
    todo: 'Name the folder of a run that is finished, such as .anneal/runs/boost-digits.1a2b3c4d.',
  });
}

async function newestTuned(runs: string): Promise<string> {
  const names = (await unlessMissing(readdir(runs))) ?? [];
  const folders = names.map((name) => path.join(runs, name));
  const tuned = await Promise.all(folders.map((folder) => isThere(path.join(folder, 'model'))));
  const found = folders.filter((_, index) => tuned[index]);
  const times = await Promise.all(found.map(async (folder) => (await stat(folder)).mtimeMs));
  const newest = found[times.indexOf(Math.max(...times))];
  if (newest !== undefined) return newest;
  throw problem('InvalidInput', {
    what: 'No run here has trained a model.',
    where: runs,
    todo: 'Make one by `npm start -- --once`, or name the folder of a run.',
  });
}

/** The folder of one of its trainings. */
export function jobFolderOf({ eventsUri }: FinishedRun['trainings'][number]): string {
  return path.dirname(toPath(eventsUri));
}

export async function readAnswers(answersUri: string): Promise<AnswerRow[]> {
  const rows: AnswerRow[] = [];
  for await (const line of readJsonLines(toPath(answersUri))) rows.push(AnswerRow.parse(line));
  return rows;
}

/** One split of its business or generic data. */
export function splitOf({ uri }: { uri: string }, split: string): string {
  return `${uri.replace(/\/$/, '')}/${split}.jsonl`;
}
