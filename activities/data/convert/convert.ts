/** One record in several formats (R7). Pure: what comes out follows from the record, the view and the settings. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { Message, TaskRecord } from '../../../config/records.js';
import type { LanguageSetting, VariantName, VariantWish } from '../../../config/variants.js';
import { variantTemplates } from '../../../config/variantTemplates.js';
import type { DistractorSources } from './distractors.js';
import { Draws } from './draws.js';
import { questionLanguage } from './questionLanguage.js';
import { subjectOf } from './subject.js';
import { makeVariant, type NotMade, type Variant } from './variants.js';

export interface ConvertSettings {
  formats: readonly VariantWish[];
  language: LanguageSetting;
  /** How the task's answers are judged; a record's own kind goes before it. */
  answer: AnswerKind;
  seed: number;
}

export interface Converted {
  /** New records; the one given is not among them and stays as it is. */
  variants: TaskRecord[];
  /** Formats that were wished and not made. `notDrawn` is the share at work, all others are for the manifest. */
  notMade: { format: VariantName; why: NotMade }[];
}

/**
 * The variants of one record. Each names its parent in `from`, has the parent's group, pictures and quality, and the id
 * `<parent>/<format>`. A record that is itself a variant gets none.
 */
export function convertRecord(record: TaskRecord, sources: DistractorSources, settings: ConvertSettings): Converted {
  const converted: Converted = { variants: [], notMade: [] };
  if (record.from) return converted;
  const subject = subjectOf(record, settings.answer);
  for (const wish of settings.formats) {
    const { format, share } = wish;
    const draws = new Draws(settings.seed, record.id, format);
    const drawn = draws.next() < share;
    const language = settings.language === 'auto' ? questionLanguage(subject?.question ?? '') : settings.language;
    const templates = variantTemplates[language];
    const made = !drawn
      ? 'notDrawn'
      : subject === null
        ? 'noQuestion'
        : makeVariant(wish, { record, subject, sources, templates, draws });
    if (typeof made === 'string') converted.notMade.push({ format, why: made });
    else converted.variants.push(variantOf(record, format, made));
  }
  return converted;
}

function variantOf(parent: TaskRecord, by: VariantName, { question, answer, kind }: Variant): TaskRecord {
  const { rejected: _of, answerKind, ...rest } = parent;
  const own = kind ?? answerKind;
  return {
    ...rest,
    id: `${parent.id}/${by}`,
    messages: rephrased(parent.messages, question, answer),
    from: { record: parent.id, by },
    ...(own ? { answerKind: own } : {}),
  };
}

/** The question takes the place of the last text of the last user message, the answer that of the last message. */
function rephrased(messages: readonly Message[], question: string, answer: string): Message[] {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  return messages.map((message, index): Message => {
    if (index === messages.length - 1) return { role: 'assistant', content: [{ type: 'text', text: answer }] };
    if (index !== asked) return message;
    const at = message.content.findLastIndex((part) => part.type === 'text');
    const content = message.content.map((part, place) =>
      place === at ? { type: 'text' as const, text: question } : part,
    );
    return { ...message, content };
  });
}
