import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { AskingHeartbeat, VlmDeps } from '../../../activities/vlm/deps.js';
import type { EvaluateInput } from '../../../activities/vlm/evaluate.js';
import { AnswerRow } from '../../../config/evaluation.js';
import type { TaskRecord } from '../../../config/records.js';
import type { Endpoint } from '../../../config/serving.js';

/** A record with one picture; the question names it, so that the stand-in knows whom it answers. */
export function recordOf(id: string, { question = `Which is ${id}?`, answer = 'yes', images = 1 } = {}): TaskRecord {
  const pictures = Array.from({ length: images }, (_, image) => ({ type: 'image' as const, image }));
  return {
    id,
    messages: [
      { role: 'user', content: [...pictures, { type: 'text', text: question }] },
      { role: 'assistant', content: [{ type: 'text', text: answer }] },
    ],
    images: pictures.map(() => 'images/grey.png'),
    group: id,
  };
}

export function recordsOf(count: number): TaskRecord[] {
  return Array.from({ length: count }, (_, index) => recordOf(`item-${index}`));
}

/** Writes a dataset folder; returns the path of its set. */
export async function writeSet(folder: string, records: TaskRecord[]): Promise<string> {
  await mkdir(path.join(folder, 'images'), { recursive: true });
  const side = { width: 16, height: 16, channels: 3 as const, background: 'grey' };
  await sharp({ create: side }).png().toFile(path.join(folder, 'images/grey.png'));
  const set = path.join(folder, 'test.jsonl');
  await writeFile(set, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return set;
}

export function endpointOf(baseUrl: string, over: Partial<Endpoint> = {}): Endpoint {
  return { baseUrl, model: 'stand-in', apiKeyVariable: null, server: null, ...over };
}

export function inputOf(
  over: Pick<EvaluateInput, 'endpoint' | 'setUri' | 'into'> & Partial<EvaluateInput>,
): EvaluateInput {
  return {
    name: 'before-test',
    limit: null,
    seed: 1,
    prompt: { system: null, template: '{question}' },
    answer: { kind: 'text', ignoreCase: true },
    decoding: { temperature: 0, maximumTokens: 64 },
    concurrency: 8,
    ...over,
  };
}

/** Real time, but pauses of milliseconds where the product takes seconds. */
export function depsOf(over: Partial<VlmDeps> = {}): VlmDeps & { beats: AskingHeartbeat[] } {
  const beats: AskingHeartbeat[] = [];
  return {
    beats,
    heartbeat: (details) => void beats.push(details),
    signal: () => new AbortController().signal,
    environment: () => undefined,
    log: { info: () => {}, warn: () => {} },
    ...over,
    limits: { firstPauseSeconds: 0.01, longestPauseSeconds: 0.1, replySeconds: 5, ...over.limits },
  };
}

export async function readRows(uri: string): Promise<AnswerRow[]> {
  const text = await readFile(new URL(uri), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => AnswerRow.parse(JSON.parse(line)));
}
