/** Fixes everything that a rewriting will interpret: the task or dataset, who is asked, how, and where things go. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../config/problems.js';
import type { DataSource } from '../../config/resolved.js';
import { exampleRewriteInput, type RewriteInput, type RewritePlan } from '../../config/rewriting.js';
import type { Endpoint } from '../../config/serving.js';
import type { BuildInput } from '../data/build/madeBefore.js';
import { toUri, writeJson } from '../storage/files.js';
import { businessOf, modelFolderOf, presetOf, type RecipeDeps, settingsOf } from './resolve.js';
import { type FoundTask, readTaskFile } from './taskFile.js';

export interface RewriteStart {
  plan: RewritePlan;
  /** What is built first; null where a dataset folder was named. */
  build: BuildInput | null;
  /** URI of the dataset folder that was named. */
  dataset: string | null;
}

export function createRewritePlanning(deps: Pick<RecipeDeps, 'root' | 'packageFolder' | 'modelInfo'>) {
  return {
    /** The first activity of a rewriting. Bad input is refused here, before anything is paid. Throws InvalidInput. */
    async planRewrite({ input, run }: { input: RewriteInput; run: string }): Promise<RewriteStart> {
      const found = input.task === undefined ? null : await readTaskFile(input.task, deps.root);
      requireTarget(input);
      const anneal = path.join(deps.root, '.anneal');
      const folder = path.join(anneal, 'rewrites', run);
      const source = found ? await sourceOf(found, input.purpose) : null;
      const plan: RewritePlan = {
        run,
        folder: toUri(folder),
        store: toUri(path.join(anneal, 'answers')),
        reviews: toUri(source?.reviews ?? path.join(folder, 'reviews.jsonl')),
        source,
        answer: found?.task.answer ?? input.answer ?? { kind: 'text', ignoreCase: true },
        prompt: promptOf(found),
        ...askingOf(input, endpointOf(input.endpoint, found)),
      };
      await mkdir(folder, { recursive: true });
      await writeJson(path.join(folder, 'plan.json'), plan);
      const dataset = input.dataset === undefined ? null : toUri(path.resolve(deps.root, input.dataset));
      return { plan, build: dataset === null && found && source ? await buildOf(deps, found, source) : null, dataset };
    },
  };
}
export type RewritePlanning = ReturnType<typeof createRewritePlanning>;

function requireTarget({ task, dataset, purpose, style }: RewriteInput): void {
  const todo = `Give one JSON object, such as ${JSON.stringify(exampleRewriteInput)}`;
  const where = 'the input of this rewriting';
  if (task === undefined && dataset === undefined)
    throw problem('InvalidInput', { what: 'Neither a task nor a dataset folder is named.', where, todo });
  if (purpose === 'style' && !style?.text && (style?.examples ?? []).length === 0)
    throw problem('InvalidInput', {
      what: 'The purpose style needs a style: its text, or examples.',
      where: `${where}, key "style"`,
      todo: 'Add it: {"style": {"text": "one short sentence, present tense"}}.',
    });
}

function promptOf(found: FoundTask | null): RewritePlan['prompt'] {
  const { system = null, template = '{question}' } = found?.task.prompt ?? {};
  return { system, template: found?.task.phrasings?.fine[0] ?? template };
}

/** Runs that are drawn the likeliest way each time would all be the same run. */
function askingOf(input: RewriteInput, endpoint: Endpoint) {
  const blind = input.purpose === 'correct' || input.purpose === 'answer';
  const temperature = input.decoding?.temperature ?? (blind && input.runs > 1 ? 0.7 : 0);
  if (blind && input.runs > 1 && temperature === 0)
    throw problem('InvalidInput', {
      what: `${input.runs} runs at temperature 0 are one run, paid ${input.runs} times: they say nothing about agreement.`,
      where: 'the input of this rewriting, keys "runs" and "decoding.temperature"',
      todo: 'Set decoding.temperature to about 0.7, or runs to 1.',
    });
  return {
    purpose: input.purpose,
    endpoint,
    judge: input.judge ? asEndpoint(input.judge) : input.entailment ? endpoint : null,
    style: input.style ?? null,
    pictures: blind || (input.pictures ?? false),
    decoding: { temperature, maximumTokens: input.decoding?.maximumTokens ?? 512 },
    runs: blind ? input.runs : 1,
    concurrency: input.concurrency,
    windowRecords: input.windowRecords,
    limit: input.limit ?? null,
    length: input.length,
    acceptLossless: input.acceptLossless,
  };
}

function endpointOf(given: RewriteInput['endpoint'], found: FoundTask | null): Endpoint {
  const endpoint = given ?? found?.task.endpoint;
  if (endpoint) return asEndpoint(endpoint);
  throw problem('InvalidInput', {
    what: 'No endpoint is named, neither here nor in the task.',
    where: 'the input of this rewriting, key "endpoint"',
    todo: 'Add it: {"endpoint": {"baseUrl": "http://127.0.0.1:8000/v1", "model": "a-model"}}.',
  });
}

function asEndpoint({ baseUrl, model, apiKeyVariable }: NonNullable<RewriteInput['endpoint']>): Endpoint {
  return { baseUrl, model, apiKeyVariable: apiKeyVariable ?? null, server: null };
}

/** For answers that are missing, rows without one are read too. */
async function sourceOf(found: FoundTask, purpose: RewriteInput['purpose']): Promise<DataSource> {
  const source = await businessOf(found);
  return purpose === 'answer' ? { ...source, unanswered: 'wait' } : source;
}

/** The same input as a run of the task has, so that its dataset is found rather than built twice. */
async function buildOf(
  deps: Pick<RecipeDeps, 'root' | 'packageFolder' | 'modelInfo'>,
  found: FoundTask,
  source: DataSource,
): Promise<BuildInput> {
  const preset = presetOf(found);
  const { settings } = settingsOf(found, preset, { task: found.file, recipe: {} });
  const folder = await modelFolderOf(found, preset, deps.packageFolder);
  const model = { uri: toUri(folder), preset, ...(await deps.modelInfo(folder)) };
  const into = toUri(path.join(deps.root, '.anneal', 'datasets'));
  return { source, model, settings: settings.data, seed: settings.seed, allowUnsettled: true, into };
}
