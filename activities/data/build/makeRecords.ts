/** Makes further records of those that are there: other formats, and copies with changed pictures (R7). */

import { TaskRecord } from '../../../config/records.js';
import type { DataSource } from '../../../config/resolved.js';
import { readJsonLines } from '../../storage/files.js';
import { makeCopy, planCopies } from '../augment/augment.js';
import { AnswerView } from '../convert/answerView.js';
import { ChoiceSample } from '../convert/choiceSample.js';
import { convertRecord } from '../convert/convert.js';
import type { DecodedPicture } from '../pictures/decodePicture.js';
import { textSize } from '../records/recordTokens.js';
import { LineWriter } from './lineWriter.js';

export type Wishes = Pick<DataSource, 'answer' | 'language' | 'formats' | 'augment'>;

export interface MakingOptions {
  wishes: Wishes;
  seed: number;
  /** The dataset folder, whose pictures are copied. */
  folder: string;
  /** Tokens that the text of a record may take at most. */
  textTokens: number;
  /** Returns the id as it is, or a free one where a record has it already. */
  freeId: (id: string) => string;
  /** Stores a picture; returns its file name relative to the folder. */
  keep: (picture: DecodedPicture) => Promise<string>;
  /** Told how many records have been looked at. */
  heartbeat: (records: number) => void;
}

/** Paths of files. */
export interface MakingFiles {
  train: string;
  test: string;
  /** Takes the training records, each with what was made of it behind it. */
  madeTrain: string;
  /** Takes what is made of test records. */
  formatsTest: string;
}

export interface Made {
  /** By format or transform; `formatsTest` are those of test records. */
  made: Record<string, number>;
  /** As "<what>: <why>". */
  notMade: Record<string, number>;
  /** Of the longest text that was made. */
  textBytes: number;
  digests: { train: string; formatsTest: string };
  choices: ReturnType<ChoiceSample['verdict']>;
}

export function makesRecords({ formats = [], augment }: Wishes): boolean {
  return formats.length > 0 || augment !== undefined;
}

/** Reads the records of two splits and writes what is made of them. The same records and seed make the same files. */
export async function makeRecords(files: MakingFiles, options: MakingOptions): Promise<Made> {
  const { heartbeat, seed, wishes } = options;
  let looked = 0;
  const looking = () => heartbeat(++looked);
  const answers = new AnswerView(wishes.answer);
  for await (const record of recordsOf(files.train, looking)) answers.add(record);
  const maker = new Maker(options, answers);
  const train = await LineWriter.writing(files.madeTrain, async (writer) => {
    for await (const record of recordsOf(files.train, looking)) {
      await writer.write(record);
      for (const made of [...maker.formats(record), ...(await maker.copies(record))]) await writer.write(made);
    }
  });
  const formatsTest = await LineWriter.writing(files.formatsTest, async (writer) => {
    for await (const record of recordsOf(files.test, looking))
      for (const made of maker.formatsOfTest(record)) await writer.write(made);
  });
  const { made, notMade, textBytes, choices } = maker;
  return {
    made: sorted(made),
    notMade: sorted(notMade),
    textBytes,
    digests: { train, formatsTest },
    choices: choices.verdict(seed),
  };
}

class Maker {
  readonly made = new Map<string, number>();
  readonly notMade = new Map<string, number>();
  readonly choices = new ChoiceSample();
  textBytes = 0;
  private readonly options: MakingOptions;
  private readonly answers: AnswerView;

  constructor(options: MakingOptions, answers: AnswerView) {
    this.options = options;
    this.answers = answers;
  }

  formats(record: TaskRecord): TaskRecord[] {
    const { formats = [] } = this.options.wishes;
    const variants = this.convert(record, formats);
    for (const { from } of variants) add(this.made, from?.by ?? '');
    for (const variant of variants) this.choices.add(variant);
    return variants;
  }

  formatsOfTest(record: TaskRecord): TaskRecord[] {
    const { formats = [] } = this.options.wishes;
    const variants = this.convert(
      record,
      formats.filter(({ evaluate }) => evaluate),
    );
    for (const _ of variants) add(this.made, 'formatsTest');
    return variants;
  }

  private convert(record: TaskRecord, formats: NonNullable<Wishes['formats']>): TaskRecord[] {
    const { wishes, seed } = this.options;
    const { answer, language = 'auto' } = wishes;
    const sources = { answers: this.answers };
    const { variants, notMade } = convertRecord(record, sources, { formats, language, answer, seed });
    for (const { format, why } of notMade) if (why !== 'notDrawn') add(this.notMade, `${format}: ${why}`);
    return variants.flatMap((variant) => {
      const { bytes, tokens } = textSize(variant.messages);
      if (tokens > this.options.textTokens) {
        add(this.notMade, `${variant.from?.by}: tooLong`);
        return [];
      }
      this.textBytes = Math.max(this.textBytes, bytes);
      return { ...variant, id: this.options.freeId(variant.id) };
    });
  }

  async copies(record: TaskRecord): Promise<TaskRecord[]> {
    const { wishes, seed, folder, keep, freeId } = this.options;
    const { answer, language = 'auto', augment } = wishes;
    if (!augment) return [];
    const { copies, refused } = planCopies(record, { augment, answer, language, seed });
    for (const { transform, reason } of refused) add(this.notMade, `${transform}: ${reason}`);
    const made: TaskRecord[] = [];
    for (const copy of copies) {
      const { id, ...rest } = await makeCopy(record, copy, { folder, keep });
      made.push({ id: freeId(id), ...rest });
      add(this.made, copy.by);
    }
    return made;
  }
}

async function* recordsOf(file: string, looking: () => void): AsyncGenerator<TaskRecord> {
  for await (const line of readJsonLines(file)) {
    looking();
    yield TaskRecord.parse(line);
  }
}

function add(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function sorted(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}
