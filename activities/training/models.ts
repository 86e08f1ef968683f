/** What the Python side does with a model besides training it: look at it, merge an adapter, answer without a server. */
import path from 'node:path';
import { ModelInfo } from '../../config/models.js';
import type { Prompt } from '../../config/resolved.js';
import { TrainerCapabilities } from '../../config/training.js';
import { askTrainer, type PythonSide, runTool } from '../processes/tools.js';
import { toPath, toUri, writeJson } from '../storage/files.js';
import type { TrainingDeps } from './deps.js';

const wholeModel = {
  type: 'ModelInvalid',
  todo: 'Name the folder of a whole model: config.json, weights, tokenizer and image processor, of a family in docs/models.md.',
} as const;

export async function trainerCapabilities(side: PythonSide): Promise<TrainerCapabilities> {
  return TrainerCapabilities.parse(await askTrainer(side, ['capabilities']));
}

/** Throws `ModelInvalid` when the folder holds no vision-language model. */
export async function modelInfo(side: PythonSide, folder: string): Promise<ModelInfo> {
  return ModelInfo.parse(await askTrainer(side, ['model-info', path.resolve(toPath(folder))], wholeModel));
}

export interface MergeInput {
  /** Folder of the base model, as a path or URI; so are the others. */
  model: string;
  adapter: string;
  into: string;
}

/** Writes the base with the adapter's weights added, as a model that any server loads. Made once. */
export async function mergeAdapter(deps: TrainingDeps, { model, adapter, into }: MergeInput) {
  const output = toPath(into);
  const parts = ['--model', toPath(model), '--adapter', toPath(adapter)];
  await runTool(deps, deps, { name: 'merge', arguments: parts, output });
  return { modelUri: toUri(output) };
}

export interface AnswerInput {
  model: string;
  adapter: string | null;
  /** The .jsonl file of records to answer. */
  setUri: string;
  limit: number;
  seed: number;
  prompt: Prompt;
  maximumTokens: number;
  /** The .jsonl file of answers; in a folder, it is `answers.jsonl`. */
  into: string;
}

/** Answers records in the trainer's own process, for the parity gate. Made once. */
export async function answerOffline(deps: TrainingDeps, input: AnswerInput): Promise<{ answersUri: string }> {
  const into = toPath(input.into);
  const output = into.endsWith('.jsonl') ? into : path.join(into, 'answers.jsonl');
  const prompt = `${output}.prompt.json`;
  await writeJson(prompt, input.prompt);
  const parts = [
    ['--model', toPath(input.model)],
    input.adapter === null ? [] : ['--adapter', toPath(input.adapter)],
    ['--set', toPath(input.setUri), '--limit', String(input.limit), '--seed', String(input.seed)],
    ['--prompt', prompt, '--max-tokens', String(input.maximumTokens)],
  ];
  await runTool(deps, deps, { name: 'generate', arguments: parts.flat(), inputs: [input.prompt], output });
  return { answersUri: toUri(output) };
}
