/** Is there room for a job's checkpoints? Asked before it starts, since a full disk is found at the first save. */
import { readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../config/problems.js';
import type { TrainingSpec } from '../../config/training.js';
import { unlessMissing } from '../processes/there.js';
import { toPath } from '../storage/files.js';
import type { TrainingDeps } from './deps.js';

/** A 32-bit copy of weights that lie on the disk in 16 bits, and Adam's two moments of each (trainer.md 17). */
const checkpointPerModel = { full: 6, lora: 1, dpo: 6 };
/** The first, one being written, and the one kept while it is. */
const checkpointsAtOnce = 3;

/** No job starts with less free, in bytes, however small its model is. */
const leastFreeBytes = 500e6;

/** Throws `NoSpace` when the disk of the job folder has less free than three checkpoints need. */
export async function refuseFullDisk(deps: TrainingDeps, folder: string, spec: TrainingSpec): Promise<void> {
  const checkpoint = (await weightBytes(toPath(spec.model))) * checkpointPerModel[spec.method];
  const needed = Math.max(deps.minimumFreeBytes ?? leastFreeBytes, checkpointsAtOnce * checkpoint);
  await requireSpace(folder, needed, deps.freeBytes);
}

/** Throws `NoSpace` when less than `needed` bytes are free on the disk of the folder. */
export async function requireSpace(folder: string, needed = leastFreeBytes, freeBytes = freeBytesOf): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= needed) return;
  throw problem('NoSpace', {
    what: `Training needs about ${megabytes(needed)} for its checkpoints; ${megabytes(free)} are free.`,
    where: folder,
    todo: 'Free some space on this disk, or start the run where there is more.',
  });
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function weightBytes(model: string): Promise<number> {
  const names = (await unlessMissing(readdir(model))) ?? [];
  const weights = names.filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(weights.map(async (name) => (await stat(path.join(model, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}
