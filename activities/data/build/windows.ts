/** First pass: rows are read and checked in windows, each a file that is there whole or not at all, so that a kill costs one. */
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pMapIterable } from 'p-map';
import { problem } from '../../../config/problems.js';
import type { DatasetManifest } from '../../../config/records.js';
import { readJsonLines } from '../../storage/files.js';
import { counted, type Reason, remedies } from '../faults.js';
import { pictureFileName } from '../pictures/pictureStore.js';
import { type ClipRules, withFrames } from '../read/clips.js';
import { type ListedSource, openRows } from '../read/rows.js';
import { checkRow, type RowChecks } from './checkRow.js';
import { LineWriter } from './lineWriter.js';
import type { DataFile } from './madeBefore.js';
import type { FileProgress, SpooledRow, WindowEnd } from './spool.js';
import { statOrNull } from './workFolder.js';

/** Rows of a window unless another number is given: at 2,000 rows a second a kill costs a few seconds of work. */
const usualWindowRows = 5000;
/** Rows checked beside each other: twice what the pool of threads that decode takes. */
const rowsAtOnce = 8;

export interface WindowOptions extends RowChecks {
  source: ListedSource;
  /** A file is let pass whose rows lack nothing but an answer. */
  allowUnsettled: boolean;
  clips: Omit<ClipRules, 'settings'>;
  folder: string;
  files: DataFile[];
  windowRows?: number | undefined;
  /** Told how many rows have been read. */
  heartbeat: (rows: number) => void;
}

export interface Windows {
  names: string[];
  sources: DatasetManifest['sources'];
  /** On the files themselves. */
  notes: string[];
  questions: string[];
}

/**
 * Reads every row of every file, from where an earlier attempt stopped. Throws `DatasetInvalid` when a file can't be
 * read or has no row of use.
 */
export async function readWindows(options: WindowOptions): Promise<Windows> {
  const before = await wholeWindows(options);
  const progress = new Map<number, FileProgress>(before.files.map((file) => [file.file, file]));
  const writer = new WindowWriter(options, before.names, before.rows, progress);
  const names = await writer.closing(async () => {
    for (const [file, { file: location, named }] of options.files.entries()) {
      const state = progress.get(file) ?? { file, read: 0, good: 0, unsettled: 0, rejections: [], whole: null };
      progress.set(file, state);
      if (state.whole) continue;
      const found = await openRows(options.source, location);
      const opened = withFrames(found, { ...options.clips, settings: found.settings });
      const origin = { file, folder: opened.folder, settings: opened.settings };
      const rows = skip(opened.rows, state.read);
      const settings = { concurrency: rowsAtOnce, backpressure: 4 * rowsAtOnce };
      for await (const row of pMapIterable(rows, (each) => checkRow(each, origin, options), settings))
        await writer.write(row, state);
      const mendable = options.allowUnsettled && state.unsettled > 0;
      if (state.good === 0 && opened.partOf === undefined && !mendable) throw nothingGood(named, state);
      state.whole = { format: opened.format, notes: opened.notes, questions: opened.questions };
    }
  });
  const states = [...progress.values()];
  return {
    names,
    sources: states.map(({ file, read, whole }) => {
      const { named, sha256 } = options.files[file] as DataFile;
      return { path: named, format: whole?.format ?? '', rows: read, sha256 };
    }),
    notes: states.flatMap(({ whole }) => whole?.notes ?? []),
    questions: states.flatMap(({ whole }) => whole?.questions ?? []),
  };
}

/** The rows of all windows, in order. */
export async function* spooledRows(folder: string, names: string[]): AsyncGenerator<SpooledRow> {
  for (const name of names)
    for await (const line of readJsonLines(path.join(folder, name))) if (!isEnd(line)) yield line as SpooledRow;
}

export async function removeWindows(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.startsWith('window-')) await rm(path.join(folder, name));
}

function windowName(index: number): string {
  return `window-${String(index).padStart(6, '0')}.jsonl`;
}

function isEnd(line: unknown): line is WindowEnd {
  return typeof line === 'object' && line !== null && 'end' in line;
}

/** What earlier attempts finished; a window whose pictures are gone, as after a power cut, is read again with all after it. */
async function wholeWindows(options: WindowOptions): Promise<{ names: string[]; rows: number; files: FileProgress[] }> {
  const { folder, pictures, heartbeat } = options;
  const found = { names: [] as string[], rows: 0, files: [] as FileProgress[] };
  for (let index = 0; ; index += 1) {
    const name = windowName(index);
    if (!(await statOrNull(path.join(folder, name)))) break;
    let end: WindowEnd | undefined;
    let whole = true;
    for await (const line of readJsonLines(path.join(folder, name))) {
      if (isEnd(line)) end = line;
      else if (whole) whole = await hasPictures(line as SpooledRow, options);
    }
    if (!end || !whole) break;
    found.names.push(name);
    found.rows += end.end.rows;
    found.files = end.end.files;
    heartbeat(found.rows);
  }
  for (const name of found.names)
    for await (const line of readJsonLines(path.join(folder, name)))
      if (!isEnd(line) && 'pictures' in (line as SpooledRow))
        for (const picture of (line as Extract<SpooledRow, { reason: null }>).pictures) pictures.know(picture);
  return found;
}

async function hasPictures(row: SpooledRow, { folder }: WindowOptions): Promise<boolean> {
  if (row.reason !== null) return true;
  for (const { digest, bytes } of row.pictures)
    if ((await statOrNull(path.join(folder, pictureFileName(digest))))?.size !== bytes) return false;
  return true;
}

/** Throws away rows that an earlier attempt has checked: they are read and parsed again, which is cheap. */
async function* skip<Row>(rows: AsyncIterable<Row>, count: number): AsyncGenerator<Row> {
  let skipped = 0;
  for await (const row of rows) {
    if (skipped < count) skipped += 1;
    else yield row;
  }
}

class WindowWriter {
  private readonly options: WindowOptions;
  private readonly names: string[];
  private readonly progress: Map<number, FileProgress>;
  private writer: LineWriter | null = null;
  private rowsInWindow = 0;
  private rows: number;
  /** Two attempts at once don't meet in one file. */
  private readonly mark = randomUUID();

  constructor(options: WindowOptions, names: string[], rows: number, progress: Map<number, FileProgress>) {
    this.options = options;
    this.names = [...names];
    this.rows = rows;
    this.progress = progress;
  }

  async write(row: SpooledRow, file: FileProgress): Promise<void> {
    if (this.rowsInWindow >= (this.options.windowRows ?? usualWindowRows)) await this.finish();
    this.writer ??= await LineWriter.open(this.partial);
    await this.writer.write(row);
    this.rowsInWindow += 1;
    this.rows += 1;
    count(row, file);
    this.options.heartbeat(this.rows);
  }

  /** Runs `work` and finishes the last window; returns the names of all. What was begun is closed whatever happens. */
  async closing(work: () => Promise<void>): Promise<string[]> {
    try {
      await work();
      this.writer ??= await LineWriter.open(this.partial);
      await this.finish();
      return this.names;
    } finally {
      await this.writer?.close();
    }
  }

  private get partial(): string {
    return path.join(this.options.folder, `${windowName(this.names.length)}.${this.mark}.partial`);
  }

  private async finish(): Promise<void> {
    const partial = this.partial;
    const name = windowName(this.names.length);
    const end: WindowEnd = { end: { rows: this.rowsInWindow, files: [...this.progress.values()] } };
    const writer = this.writer;
    await writer?.write(end);
    this.writer = null;
    await writer?.close();
    await rename(partial, path.join(this.options.folder, name));
    this.names.push(name);
    this.rowsInWindow = 0;
  }
}

function count(row: SpooledRow, file: FileProgress): void {
  file.read += 1;
  if (row.reason === null) {
    file.good += 1;
    return;
  }
  if (row.unsettled) file.unsettled += 1;
  const before = file.rejections.find(([reason]) => reason === row.reason);
  if (before) before[1].count += 1;
  else file.rejections.push([row.reason, { count: 1, first: `line ${row.line}: ${row.detail.slice(0, 300)}` }]);
}

function nothingGood(named: string, { read, rejections }: FileProgress): Error {
  const [most] = [...rejections].sort(([, one], [, other]) => other.count - one.count);
  if (!most)
    return problem('DatasetInvalid', {
      what: 'The file holds no record.',
      where: named,
      todo: 'Write one record a line: {"image": "1.png", "question": "…", "answer": "…"}.',
    });
  const [reason, { first }]: [Reason, { first: string }] = most;
  const what = `None of ${counted(read, 'record')} can be used, mostly for ${reason}.`;
  return problem('DatasetInvalid', { what, where: `${named}, ${first}`.slice(0, 500), todo: remedies[reason] });
}
