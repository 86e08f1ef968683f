/** Generic records with the base model's own answers: learning them keeps it what it is (R12, methods M8). */
import path from 'node:path';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { TaskRecord } from '../../config/records.js';
import { parsedLines } from '../evaluation/lines.js';
import { toPath, toUri, writeWhole } from '../storage/files.js';
import type { TrainingDeps } from './deps.js';
import { answerOffline } from './models.js';

export interface OwnAnswersInput {
  /** Folder of the base model, as a path or URI. */
  model: string;
  /** The .jsonl file of generic training records. */
  setUri: string;
  /** So many records at most, chosen by the hash of seed and id. */
  limit: number;
  seed: number;
  maximumTokens: number;
  /** URI of the folder to write to. */
  into: string;
}

export interface OwnAnswers {
  uri: string;
  records: number;
  /** Answers that were empty or cut off, which nobody should learn. */
  left: number;
}

const OwnAnswer = z.looseObject({ id: z.string(), answer: z.string(), cut: z.boolean().default(false) });

/** Made once. Throws `TrainingFailed` when the model answers nothing that can be learnt. */
export async function answerAsBase(deps: TrainingDeps, input: OwnAnswersInput): Promise<OwnAnswers> {
  const { model, setUri, limit, seed, maximumTokens } = input;
  const folder = toPath(input.into);
  const file = path.join(folder, 'records.jsonl');
  const prompt = { system: null, template: '{question}' };
  const asked = { model, adapter: null, setUri, limit, seed, prompt, maximumTokens };
  const { answersUri } = await answerOffline(deps, { ...asked, into: toUri(folder) });
  const answers = new Map<string, string>();
  let left = 0;
  for await (const { id, answer, cut } of parsedLines(answersUri, OwnAnswer)) {
    if (cut || answer.trim() === '') left += 1;
    else answers.set(id, answer);
  }
  if (answers.size === 0) throw nothingToLearn(left, answersUri);
  const from = path.dirname(toPath(setUri));
  const lines: string[] = [];
  for await (const record of parsedLines(setUri, TaskRecord, 'Build the dataset again; sets are not edited by hand.')) {
    const answer = answers.get(record.id);
    if (answer !== undefined) lines.push(`${JSON.stringify(withAnswer(record, answer, { from, folder }))}\n`);
  }
  await writeWhole(file, lines.join(''));
  deps.log.info('The base answered generic questions.', { records: lines.length, left });
  return { uri: toUri(file), records: lines.length, left };
}

function withAnswer(
  record: TaskRecord,
  answer: string,
  { from, folder }: { from: string; folder: string },
): TaskRecord {
  return {
    ...record,
    messages: [...record.messages.slice(0, -1), { role: 'assistant', content: [{ type: 'text', text: answer }] }],
    images: record.images.map((image) => path.relative(folder, path.join(from, image))),
  };
}

function nothingToLearn(left: number, where: string): Error {
  return problem('TrainingFailed', {
    what: `All ${left} answers of the base model to generic questions were empty or cut off.`,
    where,
    todo: 'Raise prompt.decoding.maximumTokens, or leave ownAnswers out of mix.alternatives.',
  });
}
