/** A project folder with a task in it that works, and the recipe activities of a worker on this machine. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { packageFolder } from '../../../activities/recipe/packageFolder.js';
import { createRecipeActivities, type RecipeDeps } from '../../../activities/recipe/resolve.js';
import { modelInfo } from '../../../activities/training/models.js';
import type { TrainerCapabilities } from '../../../config/training.js';

const side = { python: process.env['ANNEAL_PYTHON'] || 'python3', trainerFolder: path.join(packageFolder, 'trainer') };

/** A task that works, as its file holds it: one key a line. */
export const goodTask = {
  name: 'invoices',
  records: ['records.jsonl'],
  answer: { kind: 'label', labels: ['yes', 'no'] },
  fields: { image: 'image' },
  target: { score: 0.9 },
  baseModel: 'model',
  preset: 'tiny',
};

export interface Workplace {
  root: string;
  remove(): Promise<void>;
  /** Writes the task with these keys instead (undefined leaves one out), or this text; returns the input of a run. */
  task(change: Record<string, unknown> | string): Promise<{ task: string }>;
  /** Writes a file; returns its path. */
  file(name: string, content: string | Buffer): Promise<string>;
  /** Writes files of the model folder instead of those of a model that works; null leaves one out. */
  model(change: Record<string, string | Buffer | null>): Promise<void>;
}

export async function makeWorkplace(): Promise<Workplace> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'anneal-errors-'));
  const place: Workplace = {
    root,
    remove: () => rm(root, { recursive: true, force: true }),
    async task(change) {
      const text = typeof change === 'string' ? change : JSON.stringify({ ...goodTask, ...change }, null, 1);
      await writeFile(path.join(root, 'task.json'), text);
      return { task: '.' };
    },
    async file(name, content) {
      await writeFile(path.join(root, name), content);
      return path.join(root, name);
    },
    async model(change) {
      const folder = path.join(root, 'model');
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      for (const [name, content] of Object.entries({ ...goodModel, ...change }))
        if (content !== null) await writeFile(path.join(folder, name), content);
    },
  };
  await writeFile(path.join(root, 'records.jsonl'), '{"image": "1.png", "question": "Paid?", "answer": "yes"}\n');
  await place.model({});
  return place;
}

/** Length of the header, then the header: a file of one tensor of four bytes. */
function safetensors(): Buffer {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(4)]);
}

/** What is looked at before anything is loaded: configuration, geometry of pictures, headers of weights. */
export const goodModel = {
  'config.json': JSON.stringify({
    architectures: ['Qwen3VLForConditionalGeneration'],
    vision_config: { patch_size: 16, spatial_merge_size: 2 },
    text_config: { max_position_embeddings: 2048 },
  }),
  'processor_config.json': JSON.stringify({ image_processor: { size: { shortest_edge: 16384, longest_edge: 16384 } } }),
  'model.safetensors': safetensors(),
};

/** A trainer that trains all weights and nothing else. */
export const plainTrainer: TrainerCapabilities = {
  name: 'plain-trainer',
  version: '1',
  methods: ['full'],
  packing: false,
  namedEvaluationSets: true,
  perItemLosses: true,
  layouts: { maximumTensor: 1, maximumPipeline: 1, maximumData: 1 },
  devices: ['cpu'],
};

/** `resolveRecipe` as the recipe worker has it, with a trainer that can do little. */
export function recipeActivities(
  root: string,
  requireSpace: RecipeDeps['requireSpace'] = async () => undefined,
  trainer: TrainerCapabilities = plainTrainer,
) {
  return createRecipeActivities({
    root,
    packageFolder,
    modelInfo: (folder) => modelInfo(side, folder),
    trainerCapabilities: async () => trainer,
    requireSpace,
    searchAttributesRegistered: async () => false,
  });
}
