/** What is held of a row between the passes, as a line of a window's file. */
import type { Message, UnsettledRow } from '../../../config/records.js';
import type { Reason } from '../faults.js';
import type { SeenFile } from '../pictures/pictureFiles.js';
import type { StoredPicture } from '../pictures/pictureStore.js';
import type { TokenCount } from '../records/recordTokens.js';

/** Its size tells that a power cut took the file, its fingerprint finds near copies. */
export type SpooledPicture = Omit<StoredPicture, 'repairs'>;

interface RowPlace {
  /** Index of the file in the sorted list of files. */
  file: number;
  line: number;
  /** As the source has it; repeated ones get their number when all rows are known. */
  id: string | null;
  seen: SeenFile[];
}

export type SoundRow = RowPlace & {
  reason: null;
  repairs: string[];
  oddKeys: string[];
  /** Null: the row waits for one (R5). */
  answer: string | null;
  /** A worse answer, where the source gives pairs. */
  rejected: string | null;
  messages: Message[];
  pictures: SpooledPicture[];
  /** The declared group. */
  group: string | null;
  kind: string | null;
  tokens: TokenCount;
  /** Who let a reviewed answer stand; null where the answer is the row's own. */
  note: string | null;
  /** Repairs of the row and its texts, those of its pictures apart. */
  textRepairs: number;
};

/** `stored` are the digests of pictures that were stored before the fault was found. */
export type RejectedRow = RowPlace & {
  reason: Reason;
  detail: string;
  stored: string[];
  /** Where only the answer is at fault: the question, and the answer as the row has it. */
  unsettled: Pick<UnsettledRow, 'messages' | 'given'> | null;
};

/** Of no use (with its reason), or sound as far as the row alone tells. */
export type SpooledRow = SoundRow | RejectedRow;

export interface Example {
  count: number;
  first: string;
}

/** How one file stands at the end of a window. */
export interface FileProgress {
  file: number;
  read: number;
  good: number;
  /** Rejected for their answer alone. */
  unsettled: number;
  rejections: [Reason, Example][];
  /** Set when the file has been read to its end. */
  whole: { format: string; notes: string[]; questions: string[] } | null;
}

/** The last line of a window's file: without it the window is not whole. */
export interface WindowEnd {
  end: { rows: number; files: FileProgress[] };
}
