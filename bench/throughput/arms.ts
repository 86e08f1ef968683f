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
  /** What the first step computed with; the trainer's own is left out, whose collation is the bare loop's. */
  first?: FirstBatch;
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

/** What the scripts beside this file write. */
const StepTimes = z.strictObject({
  times: z.array(z.number()).describe('Of the end of each step, seconds since 1970.'),
  device: z.string(),
  first: z
    .strictObject({
      records: z.int(),
      tokens: z.int().describe('With padding.'),
      pictureTokens: z.int(),
      patches: z.int(),
      trained: z.int().describe('Weights that are trained.'),
      recomputes: z.boolean().describe('Activations, in the backward pass.'),
      precision: z.array(z.string()).describe('Of weights and products.'),
    })
    .describe('The first batch, as the model was given it.'),
});

export type FirstBatch = z.infer<typeof StepTimes>['first'];

export async function runBare(
  side: { python: string; trainerFolder: string },
  spec: TrainingSpec,
  into: string,
): Promise<Run> {
  const file = path.join(into, 'spec.json');
  await writeJson(file, spec);
  const how = { python: side.python, env: trainerEnvironment(side), into, batchSize: spec.batchSize };
  return timed('bare.py', file, how);
}

/** The last step may be a smaller one, so it is left out. */
function speedOf(times: readonly number[], batchSize: number): number {
  const counted = times.slice(warmUpSteps - 1, -1);
  const [first = Number.NaN, last = Number.NaN] = [counted[0], counted.at(-1)];
  return ((counted.length - 1) * batchSize) / (last - first);
}

/** Area of a picture of the embedded model, and what one of its tokens stands for. */
const [pixels, pixelsPerToken] = [128 * 128, 32 * 32];

/** The settings that LLaMA-Factory and ms-swift share, by the names of transformers' trainer. */
function commonSettings(spec: TrainingSpec, into: string) {
  return {
    per_device_train_batch_size: spec.batchSize,
    gradient_accumulation_steps: 1,
    learning_rate: spec.learningRate,
    weight_decay: spec.weightDecay,
    max_grad_norm: spec.gradientClip,
    num_train_epochs: 1,
    lr_scheduler_type: 'constant',
    logging_steps: 1,
    save_strategy: 'no',
    report_to: 'none',
    use_cpu: true,
    dataloader_num_workers: 0,
    output_dir: path.join(into, 'out'),
  };
}

/** It turns texts into tokens before it trains, and pictures into patches while it does. */
export async function runLlamaFactory(python: string, spec: TrainingSpec, into: string): Promise<Run> {
  const { data, train } = await exported(spec, 'llama-factory', into);
  const { limit } = spec.train.business;
  const file = path.join(into, 'train.json');
  await writeJson(file, {
    ...commonSettings(spec, into),
    model_name_or_path: toPath(spec.model),
    stage: 'sft',
    do_train: true,
    finetuning_type: 'full',
    disable_gradient_checkpointing: true,
    freeze_vision_tower: false,
    freeze_multi_modal_projector: false,
    dataset: datasetName(train),
    ...(limit ? { max_samples: limit } : {}),
    dataset_dir: data,
    template: 'qwen3_vl_nothink',
    cutoff_len: 2048,
    image_max_pixels: pixels,
    image_min_pixels: pixels,
    preprocessing_num_workers: 1,
  });
  return timed('train_llama_factory.py', file, { python, env: peerEnvironment(), into, batchSize: spec.batchSize });
}

/** It encodes rows while it trains. */
export async function runMsSwift(python: string, spec: TrainingSpec, into: string): Promise<Run> {
  const { data, train } = await exported(spec, 'ms-swift', into);
  const { limit } = spec.train.business;
  const file = path.join(into, 'train.json');
  await writeJson(file, {
    ...commonSettings(spec, into),
    model: toPath(spec.model),
    model_type: 'qwen3_vl',
    tuner_type: 'full',
    gradient_checkpointing: false,
    freeze_vit: false,
    freeze_aligner: false,
    torch_dtype: 'float32',
    dataset: path.join(data, train.name) + (limit ? `#${limit}` : ''),
    split_dataset_ratio: 0,
    strict: true,
    lazy_tokenize: true,
    max_length: 2048,
    add_version: false,
  });
  const tokens = `${pixels / pixelsPerToken}`;
  const env = { ...peerEnvironment(), USE_HF: '1', IMAGE_MIN_TOKEN_NUM: tokens, IMAGE_MAX_TOKEN_NUM: tokens };
  return timed('train_ms_swift.py', file, { python, env, into, batchSize: spec.batchSize });
}

/** The training records in the trainer's own form; pictures stay where they are. */
async function exported(spec: TrainingSpec, to: 'llama-factory' | 'ms-swift', into: string) {
  const dataset = await openDataset(path.dirname(toPath(spec.train.business.uri)));
  const data = path.join(into, 'data');
  await rm(into, { recursive: true, force: true });
  const { files } = await exportDataset({ dataset, to, into: data, absolute: true, heartbeat: () => undefined });
  const train = files.find(({ split }) => split === 'train');
  if (!train) throw new Error('The export has no training file.');
  return { data, train };
}

function peerEnvironment(): NodeJS.ProcessEnv {
  const cache = path.join(os.tmpdir(), 'anneal-throughput');
  return {
    ...process.env,
    HF_HUB_OFFLINE: '1',
    HF_HOME: cache,
    MODELSCOPE_CACHE: cache,
    PYTHONNOUSERSITE: '1',
    CUDA_VISIBLE_DEVICES: '',
  };
}

interface How {
  python: string;
  env: NodeJS.ProcessEnv;
  into: string;
  batchSize: number;
}

/** Runs a script of this folder, which is told its settings and where to write its times. */
async function timed(script: string, settings: string, { python, env, into, batchSize }: How): Promise<Run> {
  const out = path.join(into, 'times.json');
  const given = [path.join(packageFolder, 'bench', 'throughput', script), settings, out];
  const { code, lines } = await thisMachine().run(python, given, { env });
  await writeFile(path.join(into, 'log.txt'), lines.join('\n'));
  if (code !== 0)
    throw problem('TrainingFailed', {
      what: `${script} ended with exit code ${code}: ${lines.slice(-6).join(' ').slice(0, 1200)}`,
      where: into,
      todo: 'Read log.txt there.',
    });
  const { times, device, first } = StepTimes.parse(JSON.parse(await readFile(out, 'utf8')));
  return { samplesPerSecond: speedOf(times, batchSize), device, first };
}
