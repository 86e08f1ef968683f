/** One key, one job: the spec that is in the folder first is the one that counts. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { TrainingSpec } from '../../config/training.js';
import { readAs } from '../processes/there.js';
import { writeJson } from '../storage/files.js';
import { jobFiles } from './jobFolder.js';

/** Writes the spec unless one is there. Throws `PlanRefused` when the one that is there differs. */
export async function keepSpec(folder: string, spec: TrainingSpec): Promise<void> {
  const asked = TrainingSpec.parse(spec);
  await mkdir(folder, { recursive: true });
  if (await writeFirst(jobFiles(folder).spec, asked)) return;
  const difference = firstDifference(await readAs(z.unknown(), jobFiles(folder).spec), asked, '');
  if (difference === null) return;
  throw problem('PlanRefused', {
    what: `There is another job of the key "${asked.key}" already: ${difference}.`,
    where: jobFiles(folder).spec,
    todo: 'Give the new job a key and a folder of its own, or ask for what is there.',
  });
}

/** False when the file is there already. */
async function writeFirst(file: string, content: unknown): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeJson(draft, content);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

/** Names the first field that differs, with both values; null when there is none. */
function firstDifference(there: unknown, asked: unknown, at: string): string | null {
  if (isDeepStrictEqual(there, asked)) return null;
  if (!isObject(there) || !isObject(asked)) {
    return `${at || 'the spec'} is ${brief(there)} there, ${brief(asked)} was asked for`;
  }
  for (const field of new Set([...Object.keys(there), ...Object.keys(asked)])) {
    const difference = firstDifference(there[field], asked[field], at ? `${at}.${field}` : field);
    if (difference !== null) return difference;
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200);
}
