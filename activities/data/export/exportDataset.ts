/** Writes a dataset in the form that another trainer reads: rows, pictures, and what each row was. */
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import { type Split, splitNames, type TaskRecord } from '../../../config/records.js';
import { unlessMissing } from '../../processes/there.js';
import { writeJson } from '../../storage/files.js';
import { LineWriter } from '../build/lineWriter.js';
import type { StoredDataset } from '../dataset.js';
import { type ExportFormat, renderers } from './formats.js';
import { datasetInfo } from './llamaFactory.js';
import { type ExportedFile, ExportManifest } from './manifest.js';
import { ExportedPictures } from './pictures.js';
import { exportRemedies, noPair, pictureMissing, type Refusal } from './refusals.js';
import type { PictureForm, Renderer } from './renderer.js';
import { RowFiles } from './rowFiles.js';
import { placedPictures } from './turns.js';
import { useOf } from './use.js';

export interface ExportOptions {
  dataset: StoredDataset;
  to: ExportFormat;
  /** A folder that isn't there yet, or is empty. */
  into: string;
  /** Rows name the pictures in the dataset folder, and none is copied. */
  absolute: boolean;
  heartbeat: (records: number) => void;
}

/** The folder is there whole or not at all. Throws `InvalidInput` for one that holds something, and `NoSpace`. */
export async function exportDataset(options: ExportOptions): Promise<ExportManifest> {
  const into = path.resolve(options.into);
  if (((await unlessMissing(readdir(into))) ?? []).length > 0) throw notEmpty(into);
  await mkdir(path.dirname(into), { recursive: true });
  const partial = await mkdtemp(`${into}.partial-`);
  try {
    const manifest = await new DatasetExport(options, partial).write(into);
    await rename(partial, into);
    return manifest;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

class DatasetExport {
  private readonly options: ExportOptions;
  private readonly folder: string;
  private readonly renderer: Renderer;
  private readonly form: PictureForm;
  private readonly pictures: ExportedPictures;
  private readonly rows: RowFiles;
  private readonly reasons = new Map<string, number>();
  private records = 0;
  private rowsWithPictures = 0;

  constructor(options: ExportOptions, folder: string) {
    this.options = options;
    this.folder = folder;
    this.renderer = renderers[options.to];
    this.form = options.absolute ? 'absolute' : this.renderer.pictures;
    this.pictures = new ExportedPictures({ dataset: options.dataset.folder, into: folder, form: this.form });
    this.rows = new RowFiles(folder);
  }

  async write(into: string): Promise<ExportManifest> {
    const refused = await LineWriter.open(path.join(this.folder, 'refused.jsonl'));
    let files: Omit<ExportedFile, 'split' | 'pairs'>[];
    try {
      for (const split of splitNames) await this.exportSplit(split, refused);
    } finally {
      await refused.close();
      files = await this.rows.close();
    }
    return this.finish(files, into);
  }

  private async exportSplit(split: Split, refused: LineWriter): Promise<void> {
    this.rowsWithPictures = 0;
    for await (const record of this.options.dataset.records(split)) {
      const refusal = await this.export(record, split);
      const remedy = refusal && exportRemedies[refusal.reason];
      if (refusal) await refused.write({ id: record.id, split, ...refusal, remedy });
      this.records += 1;
      this.options.heartbeat(this.records);
    }
  }

  /** Writes the rows of a record; returns why there is none. */
  private async export(record: TaskRecord, split: Split): Promise<Refusal | null> {
    const refusal = pictureMissing(record) ?? this.renderer.refusal(record) ?? (await this.overLimits(record));
    if (refusal) {
      this.reasons.set(refusal.reason, (this.reasons.get(refusal.reason) ?? 0) + 1);
      return refusal;
    }
    const names: string[] = [];
    for (const picture of placedPictures(record)) names.push(await this.pictures.name(picture));
    if (names.length > 0) this.rowsWithPictures += 1;
    const { answer, preference } = this.renderer;
    if (answer) await this.rows.write(`${split}.jsonl`, answer(record, names), record);
    if (preference && noPair(record) === null)
      await this.rows.write(answer ? `${split}-preference.jsonl` : `${split}.jsonl`, preference(record, names), record);
    return null;
  }

  private async overLimits(record: TaskRecord): Promise<Refusal | null> {
    const { limits } = this.renderer;
    const shown = placedPictures(record);
    if (!limits || shown.length === 0) return null;
    const { picturesPerRow, pictureBytes, rowsWithPictures } = limits;
    if (shown.length > picturesPerRow)
      return { reason: 'tooManyPictures', detail: `${shown.length} pictures, over ${picturesPerRow}` };
    for (const picture of shown) {
      const bytes = await this.pictures.bytes(picture);
      if (bytes > pictureBytes)
        return { reason: 'pictureTooLarge', detail: `${picture} has ${bytes} bytes, over ${pictureBytes}` };
    }
    if (this.rowsWithPictures < rowsWithPictures) return null;
    return { reason: 'tooManyRows', detail: `the file has ${rowsWithPictures} rows with pictures already` };
  }

  private async finish(written: Omit<ExportedFile, 'split' | 'pairs'>[], into: string): Promise<ExportManifest> {
    const { dataset, to } = this.options;
    const files = written.map((file) => ({ ...file, ...this.partOf(file.name) }));
    const rowsOf = (pairs: boolean) =>
      files.filter((file) => file.pairs === pairs).reduce((sum, { rows }) => sum + rows, 0);
    const refused = [...this.reasons.values()].reduce((sum, count) => sum + count, 0);
    const counts = { records: this.records, answers: rowsOf(false), pairs: rowsOf(true), refused };
    const rows = this.renderer.answer ? counts.answers : counts.pairs;
    if (rows + refused !== counts.records) throw lostRows(into, counts.records, rows, refused);
    const manifest = ExportManifest.parse({
      schema: 'anneal.export/1',
      to,
      dataset: dataset.manifest.digest,
      pictures: this.form,
      counts: { ...counts, byReason: Object.fromEntries(this.reasons) },
      files,
      use: useOf(to, into, files),
    } satisfies ExportManifest);
    if (to === 'llama-factory') await writeJson(path.join(this.folder, 'dataset_info.json'), datasetInfo(files));
    await writeJson(path.join(this.folder, 'export.json'), manifest);
    return manifest;
  }

  private partOf(name: string): Pick<ExportedFile, 'split' | 'pairs'> {
    const [, split, preference] = /^(\w+)(-preference)?\.jsonl$/.exec(name) ?? [];
    return { split: split as Split, pairs: preference !== undefined || this.renderer.answer === null };
  }
}

function notEmpty(folder: string): Error {
  return problem('InvalidInput', {
    what: 'The folder holds something already, and an export overwrites nothing.',
    where: folder,
    todo: 'Name a new folder, or remove that one.',
  });
}

function lostRows(folder: string, records: number, rows: number, refused: number): Error {
  return problem('Internal', {
    what: `The export does not add up: ${records} records, ${rows} rows, ${refused} refused.`,
    where: folder,
    todo: 'Please report this: it is a fault of Anneal, and the export is not used.',
  });
}
