/** Some servers answer in a stream of events though none was asked for: puts its pieces together into one completion. */
import { z } from 'zod';

const Chunk = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z
          .looseObject({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z.unknown().optional(),
});

/** Null where the text is no stream, or one that broke off: its last piece tells why it ended. */
export function fromStream(text: string): unknown {
  const events = text.split(/\r?\n/).flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []));
  const message = { content: '', refusal: '', reasoning_content: '' };
  let finish: string | null = null;
  let usage: unknown = null;
  for (const event of events) {
    if (event === '[DONE]') continue;
    const value = parsed(event);
    const chunk = Chunk.safeParse(value);
    if (!chunk.success || isError(value)) return value;
    const [choice] = chunk.data.choices;
    message.content += choice?.delta?.content ?? '';
    message.refusal += choice?.delta?.refusal ?? '';
    message.reasoning_content += choice?.delta?.reasoning_content ?? choice?.delta?.reasoning ?? '';
    finish = choice?.finish_reason ?? finish;
    usage = chunk.data.usage ?? usage;
  }
  return finish === null ? null : { choices: [{ message, finish_reason: finish }], usage };
}

function parsed(event: string): unknown {
  try {
    return JSON.parse(event);
  } catch {
    return null;
  }
}

function isError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'error' in value && value.error !== null;
}
