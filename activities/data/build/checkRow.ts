/** One row by itself: its shape, its answer, its pictures decoded and stored, its length. Nothing of other rows is known here. */
import type { PictureModel } from '../../../config/models.js';
import type { UnsettledRow } from '../../../config/records.js';
import { questionKey } from '../checks/duplicates.js';
import { type Reason, RowFault } from '../faults.js';
import type { PictureStore, StoredPicture } from '../pictures/pictureStore.js';
import type { FileSettings, ReadRow } from '../read/format.js';
import { tidy } from '../records/answerText.js';
import { type DraftQuestion, draftQuestion, withAnswer } from '../records/draft.js';
import { countTokens } from '../records/recordTokens.js';
import type { Reviews } from '../records/reviews.js';
import type { SpooledPicture, SpooledRow } from './spool.js';

export interface RowChecks {
  /** Answers that a person accepted in place of those of the rows. */
  reviews: Reviews;
  pictures: PictureStore;
  limits: { model: PictureModel; maximumTokens: number };
}

/** The file of a row: its index, the folder that its pictures are looked for in, and what the task says of it. */
export interface RowOrigin {
  file: number;
  folder: string;
  settings: FileSettings;
}

export async function checkRow(row: ReadRow, origin: RowOrigin, checks: RowChecks): Promise<SpooledRow> {
  const { file, folder, settings } = origin;
  const { pictures, limits, reviews } = checks;
  const place = { file, line: row.line, seen: [...(row.seen ?? [])] };
  const found: StoredPicture[] = [];
  let question: DraftQuestion | null = null;
  try {
    if (row.value === null) throw row.fault ?? new RowFault('notAnObject', 'the record is empty');
    question = draftQuestion(row.value, settings);
    for (const image of question.images) found.push(await pictures.load(image, folder, place.seen));
    const key = questionKey(
      question.messages,
      found.map(({ digest }) => digest),
    );
    const reviewed = reviews.answerFor(key, tidied(question.given));
    const draft = withAnswer(question, settings.answer, reviewed?.answer ?? null);
    const { id, messages, answer, rejected, group, kind, oddKeys } = draft;
    const tokens = countTokens(messages, found, limits);
    const repairs = [...row.repairs, ...draft.repairs, ...found.flatMap((picture) => picture.repairs)];
    const textRepairs = row.repairs.length + draft.repairs.length;
    const sound = { ...place, id, reason: null, oddKeys, answer, rejected, messages, group, kind, tokens, textRepairs };
    if (!reviewed) return { ...sound, repairs, pictures: found.map(spooled), note: null };
    const note = `answer reviewed (${reviewed.purpose}) by ${reviewed.by}`;
    return { ...sound, repairs: [...repairs, 'answerReviewed'], pictures: found.map(spooled), note };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    const { reason, detail } = error;
    const id = question?.id ?? idIn(row.value, settings.fields.id);
    const stored = found.map(({ digest }) => digest);
    return { ...place, id, reason, detail, stored, unsettled: unsettledOf(reason, question, found) };
  }
}

/** Faults of the answer alone: question and pictures are sound. */
const answerFaults: readonly Reason[] = [
  'answerMissing',
  'answerEmpty',
  'answerNotInLabels',
  'answerNotANumber',
  'answerNotJson',
  'keyRepeated',
  'answerInThoughts',
];

/** Where only the answer is at fault, what a rewriting needs to mend it (R5). */
function unsettledOf(
  reason: Reason,
  question: DraftQuestion | null,
  found: StoredPicture[],
): Pick<UnsettledRow, 'messages' | 'given'> | null {
  if (!answerFaults.includes(reason) || question === null || found.length < question.images.length) return null;
  return { messages: question.messages, given: tidied(question.given) };
}

function tidied(given: string | null): string | null {
  return given === null ? null : tidy(given);
}

function spooled({ digest, width, height, bytes, range, print }: StoredPicture): SpooledPicture {
  return { digest, width, height, bytes, range, print };
}

function idIn(value: Record<string, unknown> | null, field: string): string | null {
  const id = value?.[field];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}
