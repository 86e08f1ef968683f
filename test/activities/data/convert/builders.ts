/** Records and settings for the tests of formats and augmentation; only what matters is named. */
import { AnswerView } from '../../../../activities/data/convert/answerView.js';
import type { ConvertSettings } from '../../../../activities/data/convert/convert.js';
import { AnswerKind } from '../../../../config/evaluation.js';
import { TaskRecord } from '../../../../config/records.js';
import { VariantWish } from '../../../../config/variants.js';

export function recordOf(
  id: string,
  answer: string,
  { question = 'What is it?', ...rest }: Partial<TaskRecord> & { question?: string } = {},
): TaskRecord {
  return TaskRecord.parse({
    id,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', image: 0 },
          { type: 'text', text: question },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: answer }] },
    ],
    images: [`images/${id}.png`],
    group: `group of ${id}`,
    ...rest,
  });
}

export function recordsOf(answers: readonly string[], rest: Parameters<typeof recordOf>[2] = {}): TaskRecord[] {
  return answers.map((answer, index) => recordOf(`r${index}`, answer, rest));
}

export function settingsOf(answer: unknown, formats: unknown[], over: Partial<ConvertSettings> = {}): ConvertSettings {
  return {
    formats: formats.map((wish) => VariantWish.parse(wish)),
    language: 'auto',
    answer: AnswerKind.parse(answer),
    seed: 1,
    ...over,
  };
}

export function viewOf(records: readonly TaskRecord[], { answer }: ConvertSettings): AnswerView {
  const view = new AnswerView(answer);
  for (const record of records) view.add(record);
  return view;
}

export function textOf({ messages }: TaskRecord, role: 'user' | 'assistant'): string {
  const content = messages.findLast((message) => message.role === role)?.content ?? [];
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
