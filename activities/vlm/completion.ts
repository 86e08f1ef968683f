/** Reads a chat completion as servers really send it. */
import { z } from 'zod';
import type { AnswerRow } from '../../config/evaluation.js';

/** What came of one question, before it is scored. */
export interface Answer extends Pick<AnswerRow, 'given' | 'reason' | 'promptTokens' | 'completionTokens'> {
  outcome: Exclude<AnswerRow['outcome'], 'excluded'>;
}

export type Completion =
  | { kind: 'answer'; answer: Answer }
  | { kind: 'error'; status: number | null; words: string }
  | { kind: 'none'; words: string };

const ErrorInside = z.looseObject({ error: z.union([z.string(), z.looseObject({})]) });

const Choices = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.looseObject({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
});

/** An error object in a body of status 200 is an error; a body without choices is none of ours. */
export function completionOf(body: unknown): Completion {
  const inside = ErrorInside.safeParse(body);
  if (inside.success) return errorInside(inside.data.error);
  const parsed = Choices.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (!parsed.success || !choice)
    return { kind: 'none', words: typeof body === 'string' ? body : JSON.stringify(body) };
  const { message, finish_reason: finish } = choice;
  const tokens = {
    promptTokens: parsed.data.usage?.prompt_tokens ?? 0,
    completionTokens: parsed.data.usage?.completion_tokens ?? 0,
  };
  const given = message.content ?? null;
  if (message.refusal) return answer({ outcome: 'refused', given, reason: message.refusal.slice(0, 300), ...tokens });
  if (finish === 'content_filter') return answer({ outcome: 'refused', given, reason: 'content_filter', ...tokens });
  if (finish === 'length') return answer({ outcome: 'cut', given, reason: 'length', ...tokens });
  return answer({ outcome: 'answered', given, reason: null, ...tokens });
}

function answer(found: Answer): Completion {
  return { kind: 'answer', answer: found };
}

function errorInside(error: string | Record<string, unknown>): Completion {
  if (typeof error === 'string') return { kind: 'error', status: null, words: error };
  const status = Number(error['code'] ?? error['status']);
  return { kind: 'error', status: Number.isInteger(status) ? status : null, words: JSON.stringify(error) };
}
