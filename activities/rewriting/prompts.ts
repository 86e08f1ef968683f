/** What is asked of the model for each purpose. A changed word changes the digest that every proposal carries. */
import type { AnswerKind } from '../../config/evaluation.js';
import type { RewritePlan } from '../../config/rewriting.js';
import { sha256 } from '../storage/files.js';
import type { ChatMessages } from '../vlm/chat.js';
import { type Item, renderMessages } from '../vlm/items.js';
import { questionText, type RewriteItem } from './items.js';

/** What a model replies where the answer should stay as it is. */
export const unchangedWord = 'UNCHANGED';

/** One question to a model: its messages once it is its turn, and the content that its answer belongs to. */
export interface Asking {
  messages: () => Promise<ChatMessages>;
  /** Everything that shapes the answer, pictures by digest. */
  content: object;
}

/** Answers blind to the label: the task's own question, with its prompt. */
export function answerAsking(plan: RewritePlan, item: RewriteItem, seen: Item): Asking {
  return {
    messages: () => renderMessages(seen, plan.prompt),
    content: { prompt: plan.prompt, messages: item.messages, images: item.images },
  };
}

/** The answer in another form or style. */
export function rewriteAsking(plan: RewritePlan, item: RewriteItem, seen: Item): Asking {
  const text = rewriteText(plan, item);
  const system = systemText(plan);
  const images = plan.pictures ? item.images : [];
  const parts = images.map((_, image) => ({ type: 'image' as const, image }));
  const messages = [{ role: 'user' as const, content: [...parts, { type: 'text' as const, text }] }];
  return {
    messages: () => renderMessages({ ...seen, messages }, { system, template: '{question}' }),
    content: { system, text, images },
  };
}

/** Whether one text says all that another says. */
export function entailmentAsking(question: string, one: string, other: string): Asking {
  const text = `Question: ${question}\nText A: ${one}\nText B: ${other}\n\nIf text A is true, is everything that text B says true as well? Reply with yes or no only.`;
  const system = 'You compare two texts. You use no knowledge beyond them.';
  return {
    messages: async () => [
      { role: 'system', content: system },
      { role: 'user', content: text },
    ],
    content: { system, text },
  };
}

/** Digest of all words of ours, and of how answers are drawn. */
export function promptDigest(plan: RewritePlan): string {
  const { prompt, purpose, decoding } = plan;
  const blind = purpose === 'correct' || purpose === 'answer';
  return sha256(JSON.stringify([blind ? prompt : systemText(plan), decoding])).slice(0, 12);
}

function systemText({ purpose, answer, style }: RewritePlan): string {
  const keep = 'Keep every fact, number, unit, name and negation. Add nothing and leave nothing out.';
  const end = `Reply with the new answer only. Where the answer needs no change, or does not say enough, reply with ${unchangedWord}.`;
  if (purpose === 'format') return `You bring answers into a form. ${formOf(answer)} ${keep} ${end}`;
  const examples = (style?.examples ?? []).map(({ before, after }) => `${before}\n=> ${after}`);
  return [
    `You rewrite answers in a style.${style?.text ? ` The style: ${style.text}` : ''}`,
    ...(examples.length > 0 ? [`Examples:\n${examples.join('\n')}`] : []),
    formOf(answer),
    `${keep} ${end}`,
  ]
    .filter((each) => each !== '')
    .join('\n');
}

function formOf(kind: AnswerKind): string {
  switch (kind.kind) {
    case 'label':
      return `An answer is exactly one of these: ${kind.labels.join(' | ')}.`;
    case 'number':
      return `An answer is one number, with "${kind.decimal}" as decimal sign, and its unit where there is one.`;
    case 'json':
      return `An answer is one JSON object with these fields and types: ${JSON.stringify(kind.fields)}.`;
    case 'attributes':
      return `An answer lists things, separated by "${kind.separator}".`;
    case 'yesNo':
      return 'An answer is yes or no.';
    case 'choice':
      return 'An answer is the letter of one option.';
    case 'text':
      return '';
  }
}

/** The texts of a user stand between marks, so that one that looks like an order is seen as a text. */
function rewriteText({ purpose }: RewritePlan, item: RewriteItem): string {
  const what = purpose === 'format' ? 'the declared form' : 'the style';
  return `<question>\n${questionText(item)}\n</question>\n<answer>\n${item.before ?? ''}\n</answer>\nThe answer in ${what}:`;
}
