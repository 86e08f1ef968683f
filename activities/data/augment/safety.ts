/** Which transforms keep an answer true (R7): from the answer's kind, and from the words of question and labels. */
import { type Augment, type TransformName, transformNames } from '../../../config/augment.js';
import { type Concern, concernWords, unsafeFor } from '../../../config/augmentWords.js';
import type { AnswerKind } from '../../../config/evaluation.js';
import type { LanguageSetting } from '../../../config/variants.js';
import { questionLanguage } from '../convert/questionLanguage.js';

export interface Refusal {
  transform: TransformName;
  /** In a person's words, with what it was seen by. */
  reason: string;
}

const says: Record<Concern, string> = {
  side: 'the question is about left and right',
  reading: 'the task reads text or numbers',
  colour: 'the question is about colours',
  place: 'the question is about places in the picture',
  size: 'the question is about sizes',
  angle: 'the question is about angles',
  light: 'the question is about light',
  sharpness: 'the question is about sharpness',
};

/** Kinds whose answers may be read off the picture, whatever the question's words are. */
const readingKinds: AnswerKind['kind'][] = ['text', 'number', 'json'];
/** Field names of JSON answers that hold places. */
const placeFields = /^(?:x\d?|y\d?|left|top|right|bottom|width|height|bbox|box|x_?min|y_?min|x_?max|y_?max)$/i;

export interface Asked {
  question: string;
  answer: AnswerKind;
  language: LanguageSetting;
}

function wordSeen(text: string, concern: Concern, language: LanguageSetting): string | null {
  const spoken = language === 'auto' ? questionLanguage(text) : language;
  const words = concernWords[spoken][concern].join('|');
  const whole = spoken === 'zh' || spoken === 'ja' ? `(?:${words})` : `(?<!\\p{L})(?:${words})(?!\\p{L})`;
  return new RegExp(whole, 'iu').exec(text)?.[0] ?? null;
}

/** What the task and the question are about, each with what shows it. */
function concernsOf({ question, answer, language }: Asked): Map<Concern, string> {
  const labels = answer.kind === 'label' ? answer.labels.slice(0, 200) : [];
  const fields = answer.kind === 'json' ? Object.keys(answer.fields) : [];
  const found = new Map<Concern, string>();
  for (const concern of Object.keys(unsafeFor) as Concern[]) {
    const word = wordSeen([question, ...labels, ...fields].join(' \n '), concern, language);
    if (word) found.set(concern, `"${word}"`);
  }
  if (readingKinds.includes(answer.kind))
    found.set('reading', found.get('reading') ?? `answers of the kind ${answer.kind}`);
  const place = fields.find((field) => placeFields.test(field));
  if (place) found.set('place', `the field "${place}"`);
  return found;
}

/** The transforms that are declared, and those among them that could make the answer untrue. */
export function safeTransforms(augment: Augment, asked: Asked): { safe: TransformName[]; refused: Refusal[] } {
  const concerns = concernsOf(asked);
  const declared = transformNames.filter((name) => augment[name] !== undefined);
  const refused = declared.flatMap((transform): Refusal[] => {
    if (augment.allow.includes(transform)) return [];
    const [first] = [...concerns].filter(([concern]) => unsafeFor[concern].includes(transform));
    return first ? [{ transform, reason: `${says[first[0]]} (${first[1]})` }] : [];
  });
  const unsafe = new Set(refused.map(({ transform }) => transform));
  return { safe: declared.filter((name) => !unsafe.has(name)), refused };
}
