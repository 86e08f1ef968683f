/** One row by itself: its shape, its answer, its pictures decoded and stored, its length. Nothing of other rows is known here. */
import type { DataSource } from '../../../config/resolved.js';
import { RowFault } from '../faults.js';
import type { PictureModel } from '../pictures/imageTokens.js';
import type { SeenFile } from '../pictures/pictureFiles.js';
import type { PictureStore, StoredPicture } from '../pictures/pictureStore.js';
import type { ReadRow } from '../read/rows.js';
import { type Draft, draftRecord } from '../records/draft.js';
import { countTokens } from '../records/recordTokens.js';
import type { SpooledPicture, SpooledRow } from './spool.js';

export interface RowChecks {
  source: DataSource;
  pictures: PictureStore;
  limits: { model: PictureModel; maximumTokens: number };
}

/** `beside` is the folder of the record file. */
export async function checkRow(
  row: ReadRow,
  { file, beside }: { file: number; beside: string },
  { source, pictures, limits }: RowChecks,
): Promise<SpooledRow> {
  const found: StoredPicture[] = [];
  const seen: SeenFile[] = [];
  let draft: Draft | null = null;
  try {
    if (row.value === null) throw row.fault ?? new RowFault('notAnObject', 'the record is empty');
    draft = draftRecord(row.value, source);
    for (const image of draft.images) found.push(await pictures.load(image, beside, seen));
    const { messages, answer, group, kind, oddKeys } = draft;
    return {
      file,
      line: row.line,
      id: draft.id,
      seen,
      reason: null,
      repairs: [...row.repairs, ...draft.repairs, ...found.flatMap(({ repairs }) => repairs)],
      oddKeys,
      answer,
      messages,
      pictures: found.map(spooled),
      group,
      kind,
      tokens: countTokens(messages, found, limits),
    };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    const { reason, detail } = error;
    const id = draft?.id ?? idIn(row.value, source.fields.id);
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
