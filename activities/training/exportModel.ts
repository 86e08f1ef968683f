/** Makes of a checkpoint the model that a user keeps: weights, configuration and processor, without the optimizer. */
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { toPath, toUri } from '../storage/files.js';

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

/** Idempotent: the folder is there whole or not at all; another checkpoint replaces it. */
export async function exportModel(input: ExportInput, mergeAdapter: MergeAdapter): Promise<{ uri: string }> {
  const into = toPath(input.into);
  if (input.method === 'lora') {
    await mergeAdapter({ model: input.model, adapter: input.checkpoint, into: input.into });
    return { uri: toUri(into) };
  }
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
