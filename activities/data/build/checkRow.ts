/** One row by itself: its shape, its answer, its pictures decoded and stored, its length. Nothing of other rows is known here. */
import { RowFault } from '../faults.js';
import type { PictureModel } from '../pictures/imageTokens.js';
import type { SeenFile } from '../pictures/pictureFiles.js';
import type { PictureStore, StoredPicture } from '../pictures/pictureStore.js';
import type { FileSettings, ReadRow } from '../read/format.js';
import { type Draft, draftRecord } from '../records/draft.js';
import { countTokens } from '../records/recordTokens.js';
import type { SpooledPicture, SpooledRow } from './spool.js';

export interface RowChecks {
  pictures: PictureStore;
  limits: { model: PictureModel; maximumTokens: number };
}

/** The file of a row: its index, the folder that its pictures are looked for in, and what the task says of it. */
export interface RowOrigin {
  file: number;
  folder: string;
  settings: FileSettings;
}

export async function checkRow(
  row: ReadRow,
  { file, folder, settings }: RowOrigin,
  { pictures, limits }: RowChecks,
): Promise<SpooledRow> {
  const found: StoredPicture[] = [];
  const seen: SeenFile[] = [];
  let draft: Draft | null = null;
  try {
    if (row.value === null) throw row.fault ?? new RowFault('notAnObject', 'the record is empty');
    draft = draftRecord(row.value, settings);
    for (const image of draft.images) found.push(await pictures.load(image, folder, seen));
    const { messages, answer, rejected, group, kind, oddKeys } = draft;
    return {
      file,
      line: row.line,
      id: draft.id,
      seen,
      reason: null,
      repairs: [...row.repairs, ...draft.repairs, ...found.flatMap(({ repairs }) => repairs)],
      oddKeys,
      answer,
      rejected,
      messages,
      pictures: found.map(spooled),
      group,
      kind,
      tokens: countTokens(messages, found, limits),
    };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    const { reason, detail } = error;
    const id = draft?.id ?? idIn(row.value, settings.fields.id);
    return { file, line: row.line, id, seen, reason, detail, stored: found.map(({ digest }) => digest) };
  }
}

function spooled({ digest, width, height, bytes, range, print }: StoredPicture): SpooledPicture {
  return { digest, width, height, bytes, range, print };
}

function idIn(value: Record<string, unknown> | null, field: string): string | null {
  const id = value?.[field];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}
