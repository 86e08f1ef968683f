/** One epoch by each trainer, and how many records a second went through it. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { openDataset } from '../../activities/data/dataset.js';
import { exportDataset } from '../../activities/data/export/exportDataset.js';
import { datasetName } from '../../activities/data/export/llamaFactory.js';
import { trainerEnvironment } from '../../activities/processes/tools.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { toPath, writeJson } from '../../activities/storage/files.js';
import { thisMachine } from '../../cli/setup/machine.js';
import { problem } from '../../config/problems.js';
import type { TrainingSpec } from '../../config/training.js';
import { deviceOf, eventsOf } from '../lib/events.js';
import type { Workbench } from '../lib/workbench.js';

export interface Run {
  samplesPerSecond: number;
  device: string | null;
}

export type Arm = (into: string) => Promise<Run>;

/** Steps at the beginning that count on no side: allocators and caches warm up in them. */
const warmUpSteps = 2;

/** By the trainer's own clock, from one step's event to the last one's. */
export async function runOurs(workbench: Workbench, spec: TrainingSpec, into: string): Promise<Run> {
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  const { failed } = await workbench.train({ ...spec, key: `throughput/${path.basename(into)}` }, into);
  if (failed) throw problem('TrainingFailed', { what: failed, where: into, todo: 'Read log.txt there.' });
  const times = (await eventsOf(into)).flatMap((event) => (event.event === 'step' ? [event.time] : []));
  return { samplesPerSecond: speedOf(times, spec.batchSize), device: await deviceOf(into) };
}

const BareTimes = z.object({ times: z.array(z.number()), device: z.string() });

export async function runBare(
  side: { python: string; trainerFolder: string },
  spec: TrainingSpec,
  into: string,
): Promise<Run> {
  const [file, out] = [path.join(into, 'spec.json'), path.join(into, 'times.json')];
  await writeJson(file, spec);
  await run(side.python, [path.join(packageFolder, 'bench', 'throughput', 'bare.py'), file, out], {
    env: trainerEnvironment(side),
    where: into,
  });
  const { times, device } = BareTimes.parse(JSON.parse(await readFile(out, 'utf8')));
  return { samplesPerSecond: speedOf(times, spec.batchSize), device };
}

/** The last step may be a smaller one, so it is left out. */
function speedOf(times: readonly number[], batchSize: number): number {
  const counted = times.slice(warmUpSteps - 1, -1);
  const [first = Number.NaN, last = Number.NaN] = [counted[0], counted.at(-1)];
  return ((counted.length - 1) * batchSize) / (last - first);
}

/** Area of a picture of the embedded model. */
const pixels = 128 * 128;
const TrainResults = z.looseObject({ train_samples_per_second: z.number() });

/** By its own word: its whole loop, without its reading of the data set. */
export async function runLlamaFactory(python: string, spec: TrainingSpec, into: string): Promise<Run> {
  const dataset = await openDataset(path.dirname(toPath(spec.train.business.uri)));
  const data = path.join(into, 'data');
  await rm(into, { recursive: true, force: true });
  const { files } = await exportDataset({
    dataset,
    to: 'llama-factory',
    into: data,
    absolute: true,
    heartbeat: () => undefined,
  });
  const train = files.find(({ split }) => split === 'train');
  if (!train) throw new Error('The export has no training file.');
  const settings = {
    model_name_or_path: toPath(spec.model),
    stage: 'sft',
    do_train: true,
    finetuning_type: 'full',
    freeze_vision_tower: false,
    freeze_multi_modal_projector: false,
    dataset: datasetName(train),
    dataset_dir: data,
    template: 'qwen3_vl_nothink',
    cutoff_len: 2048,
    image_max_pixels: pixels,
    image_min_pixels: pixels,
    per_device_train_batch_size: spec.batchSize,
    gradient_accumulation_steps: 1,
    learning_rate: spec.learningRate,
    num_train_epochs: 1,
    lr_scheduler_type: 'constant',
    logging_steps: 1,
    save_strategy: 'no',
    report_to: 'none',
    use_cpu: true,
    preprocessing_num_workers: 1,
    dataloader_num_workers: 0,
    output_dir: path.join(into, 'out'),
  };
  const file = path.join(into, 'train.json');
  await writeFile(file, JSON.stringify(settings));
  const cache = path.join(os.tmpdir(), 'anneal-throughput');
  await run(python, ['-m', 'llamafactory.cli', 'train', file], {
    env: { ...process.env, HF_HUB_OFFLINE: '1', HF_HOME: cache, PYTHONNOUSERSITE: '1', CUDA_VISIBLE_DEVICES: '' },
    where: into,
  });
  const results = TrainResults.parse(JSON.parse(await readFile(path.join(into, 'out', 'train_results.json'), 'utf8')));
  return { samplesPerSecond: results.train_samples_per_second, device: 'cpu' };
}

async function run(
  python: string,
  given: readonly string[],
  { env, where }: { env: NodeJS.ProcessEnv; where: string },
): Promise<void> {
  const { code, lines } = await thisMachine().run(python, given, { env });
  if (code === 0) return;
  throw problem('TrainingFailed', {
    what: `It ended with exit code ${code}: ${lines.slice(-6).join(' ').slice(0, 1200)}`,
    where,
    todo: 'Read its words above.',
  });
}
