/** Under which span each attempt of a job began: kept beside its claim, so that any worker can tell of it. */
import path from 'node:path';
import { z } from 'zod';
import type { SpanPlace } from '../../config/traces.js';
import { readIfThere } from '../processes/there.js';
import { writeJson } from '../storage/files.js';

const AttemptTrace = z.object({ traceId: z.string(), spanId: z.string() });

function traceFile(job: string, attempt: number): string {
  return path.join(job, 'attempts', `${attempt}.trace.json`);
}

export async function noteParent(job: string, attempt: number, parent: SpanPlace): Promise<void> {
  await writeJson(traceFile(job, attempt), parent);
}

/** Of the attempts up to this one, those that are traced. */
export async function parentsOf(job: string, attempts: number): Promise<Map<number, SpanPlace>> {
  const numbers = Array.from({ length: attempts }, (_, index) => index + 1);
  const found = await Promise.all(
    numbers.map(async (attempt) => [attempt, await readIfThere(traceFile(job, attempt))] as const),
  );
  return new Map(
    found.flatMap(([attempt, content]) => (content === null ? [] : [[attempt, AttemptTrace.parse(content)]])),
  );
}
