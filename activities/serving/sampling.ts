/**
 * `transformers serve` draws an answer only where the model's own generation_config.json says so; whatever temperature a
 * request names, it is greedy otherwise (transformers 5.24, `_build_generation_config`). At temperature 0 it is greedy in any case.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readAs } from '../processes/there.js';
import { writeJson } from '../storage/files.js';

const configFile = 'generation_config.json';
const GenerationConfig = z.looseObject({ do_sample: z.boolean().nullish() });

/** The folder to serve for a model: itself if it samples, or has no such file; else one under `folder` with the same files. */
export async function sampledFolder(model: string, folder: string): Promise<string> {
  const config = await readAs(GenerationConfig, path.join(model, configFile));
  if (config === null || config.do_sample === true) return model;
  const name = createHash('sha256').update(model).digest('hex').slice(0, 12);
  return path.join(folder, `sampled-${name}`);
}

/** Writes that folder: links to the model's files, and its settings but for the greed. Does nothing where `served` is the model. */
export async function linkSampled(model: string, served: string): Promise<void> {
  if (served === model) return;
  const config = await readAs(GenerationConfig, path.join(model, configFile));
  const made = `${served}.partial`;
  await rm(made, { recursive: true, force: true });
  await mkdir(made, { recursive: true });
  const files = (await readdir(model)).filter((name) => name !== configFile);
  await Promise.all(files.map((name) => symlink(path.join(model, name), path.join(made, name))));
  await writeJson(path.join(made, configFile), { ...config, do_sample: true });
  await rm(served, { recursive: true, force: true });
  await rename(made, served);
}
