/** What a format of rows is: how it writes an answer and a pair of answers, and what it can't hold. */
import type { TaskRecord } from '../../../config/records.js';
import type { Refusal } from './refusals.js';

export type Row = Record<string, unknown>;

/** How rows name their pictures: by a path from the export's folder, by a path from anywhere, or by the picture itself. */
export type PictureForm = 'relative' | 'absolute' | 'inline';

export interface Renderer {
  pictures: PictureForm;
  /** A row that teaches the answer; null where the format has pairs only. */
  answer: ((record: TaskRecord, pictures: string[]) => Row) | null;
  /** A row that teaches to prefer the answer to the worse one; null where the format has none. */
  preference: ((record: TaskRecord, pictures: string[]) => Row) | null;
  /** Why the format can't hold the record; null where it can. */
  refusal(record: TaskRecord): Refusal | null;
  /** Bounds of whoever takes the rows. */
  limits?: { picturesPerRow: number; pictureBytes: number; rowsWithPictures: number };
}
