/** Second pass: what rows have to do with one another. All of a row that is held here are a few dozen bytes. */
import type { AnswerKind } from '../../../config/evaluation.js';
import { type DatasetChecks, type Message, type Split, splitNames } from '../../../config/records.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { Answers } from '../checks/answerCounts.js';
import type { Clusters } from '../checks/clusters.js';
import { ConflictFinder, questionKey, sayingOf } from '../checks/duplicates.js';
import { isLong, Languages } from '../checks/language.js';
import { LeakProof } from '../checks/leaks.js';
import { type NearPictureFindings, NearPictures } from '../checks/nearPictures.js';
import { NearTexts } from '../checks/nearTexts.js';
import { PersonalData } from '../checks/personalData.js';
import { Tally } from '../checks/tally.js';
import { integers } from '../memory/columns.js';
import { HashMap64, hash64, hash64OfHex } from '../memory/hashMap64.js';
import type { Steps } from '../memory/steps.js';
import { readFingerprint } from '../pictures/fingerprint.js';
import { assignSplits, type GroupFacts } from '../splits/assign.js';
import { type Group, Groups } from '../splits/groups.js';
import type { Pins } from '../splits/pins.js';
import { isKept } from '../splits/weight.js';
import { fates, type LeftOut, RowTable } from './rowTable.js';
import type { SoundRow, SpooledPicture, SpooledRow } from './spool.js';

export interface CollectOptions {
  kind: AnswerKind;
  settings: RecipeSettings['data'];
  seed: number;
  /** By index: names of the files, and the share of its groups that is used of each. */
  named: string[];
  weights: number[];
  /** Splits of an earlier build, which its records keep. */
  pins: Pins;
}

export class Collector {
  readonly tally = new Tally();
  readonly answers = new Answers();
  private readonly options: CollectOptions;
  private readonly groups: Groups;
  private readonly said = new HashMap64();
  private readonly firstSaid = new HashMap64();
  private readonly pictures = new HashMap64();
  private readonly ranged = new HashMap64();
  private readonly pictureKeys = integers();
  private readonly near = new NearPictures();
  private readonly languages = new Languages();
  private readonly personalData = new PersonalData();
  /** Texts of records without a picture, and the keys of those records. */
  private readonly texts = new NearTexts();
  private readonly textKeys = integers();
  private readonly rows = new RowTable();
  private readonly questionIds = new HashMap64();

  constructor(options: CollectOptions) {
    this.options = options;
    this.groups = new Groups(options.seed);
  }

  /** Takes the rows in their order. */
  add(row: SpooledRow): void {
    const named = this.options.named[row.file] ?? '';
    if (row.reason !== null) {
      this.tally.reject(row, named);
      this.rows.push(row, [], fates.rejected, {});
      return;
    }
    this.tally.sound(row, named);
    this.addSound(row);
  }

  private addSound(row: SoundRow): void {
    const digests = row.pictures.map(({ digest }) => digest);
    const pictures = row.pictures.map((picture) => this.pictureOf(picture));
    const asked = questionKey(row.messages, digests);
    if (row.answer === null) {
      this.tally.waiting += 1;
      this.rows.push(row, pictures, fates.waiting, { key: this.join(row.group, pictures, asked) });
      return;
    }
    const saying = sayingOf(row.answer, this.options.kind);
    const same = this.firstSaid.get(hash64(`${asked}\0${saying}`));
    const answer = this.answers.add(row.answer);
    if (same !== -1) {
      this.tally.merged += 1;
      this.rows.push(row, pictures, fates.merged, { answer, mergedInto: same });
      return;
    }
    this.tally.used += 1;
    const key = this.join(row.group, pictures, asked);
    const texts = questionKey(
      row.messages,
      digests.map(() => ''),
    );
    const index = this.rows.push(row, pictures, fates.used, {
      key,
      answer,
      saying: this.said.indexOf(hash64(saying)),
      question: this.questionIds.indexOf(hash64(texts)),
      text: this.addTexts(row, pictures.length === 0 ? key : null),
      pinned: this.options.pins.splitOf(digests, asked),
    });
    this.firstSaid.set(hash64(`${asked}\0${saying}`), index);
  }

  /** Returns its handle among the texts of records without a picture; -1 where it has one. */
  private addTexts({ file, line, messages, answer }: SoundRow, keyOfText: number | null): number {
    const text = textOf(messages);
    const place = `${this.options.named[file] ?? ''}, line ${line}`;
    // The same question before every answer would hide a foreign one.
    this.languages.add(answer !== null && isLong(answer) ? answer : text, place);
    this.personalData.add(text, place);
    if (keyOfText === null) return -1;
    this.textKeys.push(keyOfText);
    return this.texts.add(text);
  }

  private pictureOf({ digest, range, print }: SpooledPicture): number {
    if (range !== null && this.ranged.get(hash64(`${range}\0${digest}`)) === -1) {
      this.ranged.set(hash64(`${range}\0${digest}`), 0);
      this.tally.range(range);
    }
    const id = this.pictures.indexOf(hash64OfHex(digest));
    if (id < this.pictureKeys.length) return id;
    this.pictureKeys.push(this.groups.keyOf('picture', digest));
    this.near.add(readFingerprint(print));
    return id;
  }

  private join(group: string | null, pictures: number[], asked: string): number {
    const declared = group === null ? [] : [this.groups.keyOf('declared', group)];
    const keys = [...declared, ...pictures.map((picture) => this.pictureKeys.at(picture))];
    const [first = this.groups.keyOf('question', asked), ...others] = keys;
    for (const other of others) this.groups.unite(first, other);
    return first;
  }

  /** To be called once, when all rows have been added; in steps, since a million pictures take seconds. */
  *finish(): Steps<Collected> {
    const { rows } = this;
    const near = yield* this.near.search();
    for (let picture = 0; picture < this.pictureKeys.length; picture += 1)
      this.groups.unite(this.pictureKeys.at(picture), this.pictureKeys.at(near.clusters.of(picture)));
    const nearTexts = yield* this.texts.search();
    for (let text = 0; text < this.textKeys.length; text += 1)
      this.groups.unite(this.textKeys.at(text), this.textKeys.at(nearTexts.clusters.of(text)));
    yield;
    const conflicts = this.findConflicts(near.clusters);
    yield;
    this.leaveOutByWeight();
    const { splits, moved, giants } = this.assign();
    this.leaveOutTies(splits);
    yield;
    const leaks = this.place(splits, near.clusters);
    const testToTrain = near.guard.method === 'hashes' ? yield* this.testToTrain(splits) : null;
    const [twins, textTwins] = [near.clusters.twins(), nearTexts.clusters.twins()];
    return {
      tally: this.tally,
      answers: this.answers,
      conflicts,
      near,
      checks: {
        conflicts: conflicts.conflicts().rows,
        nearPictures: pictureFigures(near),
        nearTexts: { texts: nearTexts.texts, reason: nearTexts.reason, ...nearTexts.clusters.sizes() },
        languages: languageFigures(this.languages),
        personalData: this.personalData.figures(),
        leaks,
        ...(testToTrain ? { testToTrain } : {}),
        splits: { moved, giants },
      },
      placeOf: (row) => {
        const { file, line } = rows.place(row);
        return `${this.options.named[file] ?? ''}, line ${line}`;
      },
      leftOut: (row) => rows.leftOut(row),
      mergedInto: (row) => rows.mergedInto(row),
      groupOf: (row) => this.groups.groupOf(rows.handle(row, 'key')),
      splitOf: splits,
      isDisputed: (row) => this.options.kind.kind !== 'attributes' && conflicts.contradicts(row),
      hasTwin: (row) => textTwins.has(rows.handle(row, 'text')) || rows.shownBy(row).some((each) => twins.has(each)),
    };
  }

  /** Tells each answer its splits, and proves that nothing lies in two of them. */
  private place(splits: (row: number) => Split, clusters: Clusters): DatasetChecks['leaks'] {
    const proof = new LeakProof(this.pictureKeys.length, clusters);
    this.eachUsed((row) => {
      const split = splits(row);
      const group = this.groups.groupOf(this.rows.handle(row, 'key')).name;
      proof.add({ id: String(row), split, group, pictures: this.rows.shownBy(row) });
      this.tally.bySplit[split] += 1;
      this.answers.place(this.rows.handle(row, 'answer'), split);
    });
    return proof.found().crossing;
  }

  /** How near the pictures of test come to those of train. */
  private testToTrain(splits: (row: number) => Split): Steps<number[]> {
    const shownIn = new Uint8Array(this.pictureKeys.length);
    this.eachUsed((row) => {
      const side = 1 << splitNames.indexOf(splits(row));
      for (const picture of this.rows.shownBy(row)) shownIn[picture] = (shownIn[picture] as number) | side;
    });
    const isIn = (split: Split) => (picture: number) =>
      ((shownIn[picture] as number) & (1 << splitNames.indexOf(split))) !== 0;
    return this.near.nearest(isIn('test'), isIn('train'));
  }

  private eachUsed(use: (row: number) => void): void {
    for (let row = 0; row < this.rows.length; row += 1) if (this.rows.isUsed(row)) use(row);
  }

  /** Near-duplicates count as one picture: the same question of them should have one answer. */
  private findConflicts(clusters: Clusters): ConflictFinder {
    const finder = new ConflictFinder();
    for (let row = 0; row < this.rows.length; row += 1) {
      const question = this.rows.isUsed(row) ? this.clusterQuestion(row, clusters) : null;
      finder.add(row, question, this.rows.handle(row, 'saying'));
    }
    return finder;
  }

  private clusterQuestion(row: number, clusters: Clusters): string {
    const shown = this.rows.shownBy(row).map((picture) => clusters.of(picture));
    return `${this.rows.handle(row, 'question')}:${shown.join(',')}`;
  }

  private leaveOutByWeight(): void {
    this.eachUsed((row) => {
      const weight = this.options.weights[this.rows.place(row).file] ?? 1;
      if (weight >= 1) return;
      const group = this.groups.groupOf(this.rows.handle(row, 'key')).name;
      if (!isKept(group, this.options.seed, weight)) this.leaveOut(row, 'weight');
    });
  }

  private leaveOut(row: number, reason: LeftOut): void {
    this.rows.leaveOut(row, reason);
    this.answers.remove(this.rows.handle(row, 'answer'));
    this.tally.leaveOut(reason);
  }

  /** A new row whose group lies on both sides of an earlier split can go to neither. */
  private leaveOutTies(splits: (row: number) => Split): void {
    const sides = new Uint8Array(this.groups.size);
    const rootOf = (row: number) => this.groups.rootOf(this.rows.handle(row, 'key'));
    this.eachUsed((row) => {
      const root = rootOf(row);
      if (this.rows.pinOf(row)) sides[root] = (sides[root] as number) | (1 << splitNames.indexOf(splits(row)));
    });
    this.eachUsed((row) => {
      const among = sides[rootOf(row)] as number;
      if (this.rows.pinOf(row) || (among & (among - 1)) === 0) return;
      this.leaveOut(row, 'joinsSplits');
    });
  }

  private assign(): { splits: (row: number) => Split; moved: number; giants: number } {
    const facts: GroupFacts[] = [];
    const indexOfRoot = new Int32Array(this.groups.size).fill(-1);
    const groupIndex = new Int32Array(this.rows.length).fill(-1);
    this.eachUsed((row) => {
      const key = this.rows.handle(row, 'key');
      const root = this.groups.rootOf(key);
      const answer = this.rows.handle(row, 'answer');
      let index = indexOfRoot[root] as number;
      if (index === -1) {
        index = facts.length;
        indexOfRoot[root] = index;
        facts.push({ fraction: this.groups.groupOf(key).fraction, rows: 0, pinned: null, answer });
      }
      const group = facts[index] as GroupFacts;
      group.rows += 1;
      if (group.answer !== answer) group.answer = null;
      group.pinned ??= this.rows.pinOf(row);
      groupIndex[row] = index;
    });
    const { kind, settings } = this.options;
    const classes =
      kind.kind === 'label' ||
      (kind.kind === 'text' && this.answers.distinct * 2 <= this.tally.used + this.tally.merged);
    const { splits, moved, giants } = assignSplits(facts, settings.split, classes);
    return { splits: splitsOf(this.rows, splits, groupIndex), moved, giants: giants.length };
  }
}

/** A function of its own: made where the facts of the groups are, it would hold them as long as itself. */
function splitsOf(rows: RowTable, splits: readonly Split[], groupIndex: Int32Array): (row: number) => Split {
  return (row) => rows.pinOf(row) ?? (splits[groupIndex[row] as number] as Split);
}

function textOf(messages: Message[]): string {
  return messages.flatMap(({ content }) => content.map((part) => (part.type === 'text' ? part.text : ''))).join('\n');
}

function pictureFigures({ guard, clusters, suspects, mirrors }: NearPictureFindings): DatasetChecks['nearPictures'] {
  const { method, reason, limit } = guard;
  return { method, reason, limit, ...clusters.sizes(), suspects: suspects.count, mirrors: mirrors.count };
}

function languageFigures(languages: Languages): DatasetChecks['languages'] {
  const { foreign, byLanguage, ...figures } = languages.figures();
  return { ...figures, byLanguage: byLanguage.slice(0, 20), foreign: foreign.texts };
}

/** What is known of the rows by their index, and of all together. */
export interface Collected {
  tally: Tally;
  answers: Answers;
  conflicts: ConflictFinder;
  near: NearPictureFindings;
  checks: DatasetChecks;
  placeOf(row: number): string;
  /** The index of the row that this one repeats, or null. */
  mergedInto(row: number): number | null;
  /** Why a sound row is left out, or null. */
  leftOut(row: number): LeftOut | null;
  /** For used and waiting rows. */
  groupOf(row: number): Group;
  /** For used rows only. */
  splitOf(row: number): Split;
  /** Whether another row answers the same question about the same pictures otherwise. */
  isDisputed(row: number): boolean;
  /** Whether a near copy of one of its pictures, or of its text, is in another row. */
  hasTwin(row: number): boolean;
}
