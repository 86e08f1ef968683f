/** Makes of a checkpoint the model that a user keeps: weights, configuration and processor, without the optimizer. */
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../config/problems.js';
import { isThere, unlessMissing } from '../processes/there.js';
import { toPath, toUri } from '../storage/files.js';
import { isWhole } from './jobFolder.js';
import { sameWeights, weightsFault } from './weights.js';

export interface ExportInput {
  /** The base model; a LoRA adapter is merged into it. */
  model: string;
  checkpoint: string;
  method: 'full' | 'lora';
  into: string;
}

export type MergeAdapter = (input: { model: string; adapter: string; into: string }) => Promise<unknown>;

/** What a server needs beside weights: trainers that save only what they change leave it with the base. */
const besideWeights: [string, RegExp][] = [
  ['configuration (config.json)', /^config\.json$/],
  ['tokenizer (tokenizer.json and the like)', /^tokenizer/],
  ['processor of pictures (preprocessor_config.json)', /processor_config\.json$/],
];

/** Files of a checkpoint that only resuming needs. */
const onlyForResuming = /^(optimizer|scheduler|rng_state|scaler|training_args|trainer_state|whole)\b/;

/**
 * Idempotent: the folder is there whole or not at all; another checkpoint replaces it. Throws `TrainingFailed` for a
 * checkpoint whose weights or settings are not all there (checkpointBroken) or whose weights are the base's
 * (mergedEqualsBase).
 */
export async function exportModel(input: ExportInput, mergeAdapter: MergeAdapter): Promise<{ uri: string }> {
  const into = toPath(input.into);
  await refuseBroken(toPath(input.checkpoint));
  if (input.method === 'lora') {
    await mergeAdapter({ model: input.model, adapter: input.checkpoint, into: input.into });
    return { uri: toUri(into) };
  }
  await refuseBase(toPath(input.model), toPath(input.checkpoint));
  await refuseBare(toPath(input.model), toPath(input.checkpoint));
  const partial = `${into}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const from = toPath(input.checkpoint);
  for (const name of await readdir(from)) {
    const isFile = (await stat(path.join(from, name))).isFile();
    if (isFile && !onlyForResuming.test(name)) await copyFile(path.join(from, name), path.join(partial, name));
  }
  await rm(into, { recursive: true, force: true });
  await rename(partial, into);
  return { uri: toUri(into) };
}

async function refuseBroken(checkpoint: string): Promise<void> {
  const marked = await isThere(path.join(checkpoint, 'whole.json'));
  const lost = marked && !(await isWhole(checkpoint)) ? 'files that its mark lists are missing or changed' : null;
  const fault = lost ?? (await weightsFault(checkpoint));
  if (fault === null) return;
  throw problem('TrainingFailed', {
    what: `checkpointBroken: the checkpoint can't be exported: ${fault}.`,
    where: checkpoint,
    todo: 'Overrule the decision with a whole checkpoint, or train again.',
  });
}

async function refuseBase(base: string, checkpoint: string): Promise<void> {
  if (!(await sameWeights(base, checkpoint))) return;
  throw problem('TrainingFailed', {
    what: 'mergedEqualsBase: the weights of the checkpoint are those of the base model; nothing was learnt.',
    where: checkpoint,
    todo: 'Read log.txt of its job: was everything frozen, or the learning rate 0?',
  });
}

async function refuseBare(base: string, checkpoint: string): Promise<void> {
  const there = (await unlessMissing(readdir(base))) ?? [];
  const here = await readdir(checkpoint);
  const holds = (names: string[], pattern: RegExp) => names.some((name) => pattern.test(name));
  const lacks = besideWeights.filter(([, pattern]) => holds(there, pattern) && !holds(here, pattern));
  if (lacks.length === 0) return;
  throw problem('TrainingFailed', {
    what: `checkpointBroken: the checkpoint can't be served: it lacks its ${lacks.map(([name]) => name).join(', its ')}.`,
    where: checkpoint,
    todo: `If training did not change them, copy them from ${base}; then start the run again.`,
  });
}
