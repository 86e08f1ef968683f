/** Reads a chat completion as servers really send it. */
import { z } from 'zod';
import type { AnswerRow } from '../../config/evaluation.js';
import { fromStream } from './streamed.js';

/** What came of one question, before it is scored. */
export interface Answer extends Pick<AnswerRow, 'given' | 'reason' | 'promptTokens' | 'completionTokens'> {
  outcome: Exclude<AnswerRow['outcome'], 'excluded'>;
}

export type Completion =
  | { kind: 'answer'; answer: Answer }
  | { kind: 'error'; status: number | null; words: string }
  | { kind: 'none'; words: string };

const ErrorInside = z.looseObject({ error: z.union([z.string(), z.looseObject({})]) });

/** vLLM's own form. */
const ErrorItself = z.looseObject({ object: z.literal('error') });

/** As text, or as parts, of which those that think aloud are no answer. */
const Content = z.union([
  z.string().transform((text) => ({ text, isThoughtful: false })),
  z.array(z.looseObject({ type: z.string().optional(), text: z.string().optional() })).transform((parts) => ({
    text: parts.flatMap(({ type = 'text', text }) => (type.endsWith('text') && text) || []).join(''),
    isThoughtful: parts.some(({ type = 'text' }) => /think|reason/.test(type)),
  })),
]);

/** Where vLLM, DeepSeek and gateways put what a model thinks before it answers: never a part of the answer. */
const Thoughts = z.string().nullish().catch(null);

const tokens = z.coerce.number().int().nonnegative().catch(0);
const Usage = z.object({ prompt_tokens: tokens, completion_tokens: tokens });

const Choices = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        error: z.looseObject({}).nullish().catch(null),
        message: z.looseObject({
          content: Content.nullish(),
          refusal: z.string().nullish(),
          reasoning_content: Thoughts,
          reasoning: Thoughts,
        }),
      }),
    )
    .min(1),
  usage: Usage.catch({ prompt_tokens: 0, completion_tokens: 0 }),
});

/** Words for the ends that OpenAI calls `length` and `content_filter`, as gateways pass them on from other makers. */
const cut = /^(length|max_tokens|model_length)$/i;
const filtered = /^(content_filter|safety|recitation|prohibited_content|blocklist)$/i;
/** The server gave up in the middle. */
const brokenOff = /^(error|abort)$/i;

/** An error object in a body of status 200 is an error; a body without choices is none of ours. */
export function completionOf(reply: unknown): Completion {
  const body = typeof reply === 'string' ? fromText(reply) : reply;
  const inside = ErrorInside.safeParse(body);
  if (inside.success) return errorInside(inside.data.error);
  const itself = ErrorItself.safeParse(body);
  if (itself.success) return errorInside(itself.data);
  const parsed = Choices.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (!parsed.success || !choice)
    return { kind: 'none', words: typeof body === 'string' ? body : (JSON.stringify(body) ?? 'an empty body') };
  const { message, finish_reason: finish, error } = choice;
  if (error || brokenOff.test(finish ?? ''))
    return errorInside(error ?? `the answer broke off (finish_reason "${finish}")`);
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = parsed.data.usage;
  const used = { promptTokens, completionTokens };
  const given = message.content?.text ?? null;
  if (message.refusal) return answer({ outcome: 'refused', given, reason: message.refusal.slice(0, 300), ...used });
  if (filtered.test(finish ?? '')) return answer({ outcome: 'refused', given, reason: 'content_filter', ...used });
  const thoughts = message.reasoning_content ?? message.reasoning ?? '';
  const isThoughtful = thoughts.trim() !== '' || message.content?.isThoughtful === true;
  if (isThoughtful && (given ?? '').trim() === '')
    return answer({ outcome: 'cut', given, reason: 'onlyThoughts', ...used });
  if (cut.test(finish ?? '')) return answer({ outcome: 'cut', given, reason: 'length', ...used });
  return answer({ outcome: 'answered', given, reason: null, ...used });
}

/** JSON under another content type, a stream, or what is neither. */
function fromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fromStream(text) ?? text;
  }
}

function answer(found: Answer): Completion {
  return { kind: 'answer', answer: found };
}

function errorInside(error: string | Record<string, unknown>): Completion {
  if (typeof error === 'string') return { kind: 'error', status: null, words: error };
  const status = Number(error['code'] ?? error['status']);
  return { kind: 'error', status: Number.isInteger(status) ? status : null, words: JSON.stringify(error) };
}
