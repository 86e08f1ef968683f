/** What every way of writing a file of records offers, so that one more format is one more entry of a list. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { ContainerName, FormatName, Unanswered } from '../../../config/formats.js';
import type { FieldNames } from '../../../config/resolved.js';
import type { RowFault } from '../faults.js';
import type { SeenFile } from '../pictures/pictureFiles.js';
import type { Members } from './members.js';

/** A row as it was read: an object, or why there is none. */
export interface ReadRow {
  /** Counts from 1; what a person finds the row by: a line, or the number of a row, member or picture. */
  line: number;
  /** Size of its text, so that batches stay small. */
  bytes: number;
  /**
   * In one of the row shapes that `records/` knows. A format that joins several files writes `messages` with typed
   * parts, `images`, its id under the name that `fields.id` says, and beside them what the file holds.
   */
  value: Record<string, unknown> | null;
  fault: RowFault | null;
  /** Counted in the manifest. */
  repairs: string[];
  /** Folders that were listed for it. */
  seen?: SeenFile[];
}

export interface RowFile {
  /** The path shown: relative to the root where it lies inside, so that nothing depends on the machine. */
  named: string;
  /** For the manifest: the container, with the shape of its rows and what had to be guessed. */
  format: string;
  /** What the task says of the file, with what was found out about its columns. */
  settings: FileSettings;
  /** Folder that relative picture paths are looked up in, besides the root. */
  folder: string;
  /** Complete when the rows have been read. */
  notes: string[];
  /** What a person is asked before training goes on. Complete when the rows have been read. */
  questions: string[];
  /** The file whose rows this one completes, where it has none of its own: annotations beside their questions. */
  partOf?: string;
  rows: AsyncIterable<ReadRow>;
}

/** What the task says of one file. */
export interface FileSettings {
  format: FormatName;
  fields: FieldNames;
  question: string | null;
  answer: AnswerKind;
  unanswered: Unanswered;
  /** Share of its groups that are used, 0 to 1. */
  weight: number;
  /** 1 where it is missing. */
  trust?: number;
  /** Folder that picture paths are relative to; null: the file's own, or the root. */
  images: string | null;
}

/** The beginning of a file. */
export interface FileStart {
  /** A folder has no bytes. */
  isFolder: boolean;
  /** The first 64 KiB, unpacked. */
  bytes: Buffer;
  /** The same as text, brought to UTF-8 and without a byte order mark; null where it is no text. */
  text: string | null;
  /** Of a JSON object: its keys, see `members.ts`; null for everything else. */
  members?: Members | null;
}

/** All that a format may look at before it opens a file. */
export interface Opening {
  /** Absolute path. */
  file: string;
  named: string;
  root: string;
  settings: FileSettings;
  start: FileStart;
  /** Absolute paths of all files of the source: those of one that joins two may both be listed. */
  listed: readonly string[];
}

export interface Recognised {
  /** `sure`: a sign that nothing else has; `likely`: it fits; `guess`: a person is asked. */
  confidence: 'sure' | 'likely' | 'guess';
  /** The sign, for a person: "begins with PAR1". */
  why: string;
}

export interface FileFormat {
  name: ContainerName;
  /** Null where the file is something else. Reads little more than `start`. */
  recognise(opening: Opening): Recognised | null | Promise<Recognised | null>;
  /** Throws `DatasetInvalid` for a file whose structure leaves no record to tell. */
  open(opening: Opening): Promise<RowFile>;
  /**
   * The bytes that the digest of the input is taken over, where that is not the file itself: all files of a joined
   * format, the listing of a folder. Pictures that rows name by path are watched by the store already.
   */
  contents?(opening: Opening): AsyncIterable<Uint8Array>;
}
