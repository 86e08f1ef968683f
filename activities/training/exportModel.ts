/** Makes of a checkpoint the model that a user keeps: weights, configuration and processor, without the optimizer. */
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../config/problems.js';
import { isThere } from '../processes/there.js';
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

/** Files of a checkpoint that only resuming needs. */
const onlyForResuming = /^(optimizer|scheduler|rng_state|scaler|training_args|trainer_state|whole)\b/;

/**
 * Idempotent: the folder is there whole or not at all; another checkpoint replaces it. Throws `TrainingFailed` for a
 * checkpoint whose weights are not all there (checkpointBroken) or are the base's (mergedEqualsBase).
 */
export async function exportModel(input: ExportInput, mergeAdapter: MergeAdapter): Promise<{ uri: string }> {
  const into = toPath(input.into);
  await refuseBroken(toPath(input.checkpoint));
  if (input.method === 'lora') {
    await mergeAdapter({ model: input.model, adapter: input.checkpoint, into: input.into });
    return { uri: toUri(into) };
  }
  await refuseBase(toPath(input.model), toPath(input.checkpoint));
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
