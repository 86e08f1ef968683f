/** Second pass: what rows have to do with one another. All of a row that is held here are a few dozen bytes. */
import type { AnswerKind } from '../../../config/evaluation.js';
import { type DatasetChecks, type Message, type Split, splitNames } from '../../../config/records.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { Answers } from '../checks/answerCounts.js';
import type { Clusters } from '../checks/clusters.js';
import { ConflictFinder, questionKey, sayingOf } from '../checks/duplicates.js';
import { Languages } from '../checks/language.js';
import { LeakProof } from '../checks/leaks.js';
import { type NearPictureFindings, NearPictures } from '../checks/nearPictures.js';
import { NearTexts } from '../checks/nearTexts.js';
import { PersonalData } from '../checks/personalData.js';
import { Tally } from '../checks/tally.js';
import { bytes, integers } from '../memory/columns.js';
import { HashMap64, hash64, hash64OfHex } from '../memory/hashMap64.js';
import { readFingerprint } from '../pictures/fingerprint.js';
import { assignSplits, type GroupFacts } from '../splits/assign.js';
import { type Group, Groups } from '../splits/groups.js';
import type { Pins } from '../splits/pins.js';
import { isKept } from '../splits/weight.js';
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

const fates = { used: 0, merged: 1, rejected: 2, joinsSplits: 3, weight: 4, waiting: 5 } as const;
/** Reasons why sound rows are left out. */
export type LeftOut = 'joinsSplits' | 'weight';
const notPinned = 255;
/** The columns of a row that is not used. */
const nothing = { key: -1, answer: -1, saying: -1, question: -1, mergedInto: -1, pinned: notPinned };

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
  // One entry a row:
  private readonly fates = bytes();
  private readonly files = integers();
  private readonly lines = integers();
  private readonly keys = integers();
  private readonly answerIds = integers();
  private readonly sayings = integers();
  private readonly questions = integers();
  private readonly mergedInto = integers();
  private readonly pinned = bytes();
  /** Where the pictures of a row begin in `shown`; they end where those of the next begin. */
  private readonly firstShown = integers();
  private readonly shown = integers();
  private readonly questionIds = new HashMap64();

  constructor(options: CollectOptions) {
    this.options = options;
    this.groups = new Groups(options.seed);
  }

  /** Takes the rows in their order. */
  add(row: SpooledRow): void {
    this.files.push(row.file);
    this.lines.push(row.line);
    this.firstShown.push(this.shown.length);
    const named = this.options.named[row.file] ?? '';
    if (row.reason !== null) {
      this.tally.reject(row, named);
      this.push(fates.rejected, { ...nothing });
      return;
    }
    this.tally.sound(row, named);
    this.addSound(row);
  }

  private addSound(row: SoundRow): void {
    const digests = row.pictures.map(({ digest }) => digest);
    const pictures = row.pictures.map((picture) => this.pictureOf(picture));
    for (const picture of pictures) this.shown.push(picture);
    if (row.answer === null) {
      this.tally.waiting += 1;
      this.push(fates.waiting, { ...nothing, key: this.join(row.group, pictures, questionKey(row.messages, digests)) });
      return;
    }
    const saying = sayingOf(row.answer, this.options.kind);
    const asked = questionKey(row.messages, digests);
    const same = this.firstSaid.get(hash64(`${asked}\0${saying}`));
    const index = this.fates.length;
    const answer = this.answers.add(row.answer);
    if (same !== -1) {
      this.tally.merged += 1;
      this.push(fates.merged, { ...nothing, answer, mergedInto: same });
      return;
    }
    this.firstSaid.set(hash64(`${asked}\0${saying}`), index);
    this.tally.used += 1;
    const key = this.join(row.group, pictures, asked);
    const texts = questionKey(
      row.messages,
      digests.map(() => ''),
    );
    const question = this.questionIds.indexOf(hash64(texts));
    this.addTexts(row, pictures.length === 0 ? key : null);
    const pin = this.options.pins.splitOf(digests, asked);
    const pinned = pin === null ? notPinned : splitNames.indexOf(pin);
    this.push(fates.used, { ...nothing, key, answer, saying: this.said.indexOf(hash64(saying)), question, pinned });
  }

  private addTexts({ file, line, messages }: SoundRow, keyOfText: number | null): void {
    const text = textOf(messages);
    const place = `${this.options.named[file] ?? ''}, line ${line}`;
    this.languages.add(text, place);
    this.personalData.add(text, place);
    if (keyOfText === null) return;
    this.texts.add(text);
    this.textKeys.push(keyOfText);
  }

  private push(fate: number, row: typeof nothing): void {
    this.fates.push(fate);
    this.keys.push(row.key);
    this.answerIds.push(row.answer);
    this.sayings.push(row.saying);
    this.questions.push(row.question);
    this.mergedInto.push(row.mergedInto);
    this.pinned.push(row.pinned);
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

  /** To be called once, when all rows have been added. */
  finish(): Collected {
    const near = this.near.find();
    for (let picture = 0; picture < this.pictureKeys.length; picture += 1)
      this.groups.unite(this.pictureKeys.at(picture), this.pictureKeys.at(near.clusters.of(picture)));
    const nearTexts = this.texts.find();
    for (let text = 0; text < this.textKeys.length; text += 1)
      this.groups.unite(this.textKeys.at(text), this.textKeys.at(nearTexts.clusters.of(text)));
    const conflicts = this.findConflicts(near.clusters);
    this.leaveOutByWeight();
    const { splits, moved, giants } = this.assign();
    this.leaveOutTies(splits);
    const proof = new LeakProof(this.pictureKeys.length, near.clusters);
    for (let row = 0; row < this.fates.length; row += 1) {
      if (this.fates.at(row) !== fates.used) continue;
      const split = splits(row);
      proof.add({
        id: String(row),
        split,
        group: this.groups.groupOf(this.keys.at(row)).name,
        pictures: this.shownBy(row),
      });
      this.tally.bySplit[split] += 1;
      this.answers.place(this.answerIds.at(row), split);
    }
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
        leaks: proof.found().crossing,
        splits: { moved, giants },
      },
      placeOf: (row) => `${this.options.named[this.files.at(row)] ?? ''}, line ${this.lines.at(row)}`,
      leftOut: (row) => leftOutOf(this.fates.at(row)),
      mergedInto: (row) => (this.fates.at(row) === fates.merged ? this.mergedInto.at(row) : null),
      groupOf: (row) => this.groups.groupOf(this.keys.at(row)),
      splitOf: splits,
    };
  }

  /** Near-duplicates count as one picture: the same question of them should have one answer. */
  private findConflicts(clusters: Clusters): ConflictFinder {
    const finder = new ConflictFinder();
    for (let row = 0; row < this.fates.length; row += 1) {
      const used = this.fates.at(row) === fates.used;
      finder.add(row, used ? this.clusterQuestion(row, clusters) : null, this.sayings.at(row));
    }
    return finder;
  }

  /** Pictures by their order of first appearance, which is their handle among the near ones too. */
  private shownBy(row: number): number[] {
    const end = row + 1 < this.firstShown.length ? this.firstShown.at(row + 1) : this.shown.length;
    const shown: number[] = [];
    for (let at = this.firstShown.at(row); at < end; at += 1) shown.push(this.shown.at(at));
    return shown;
  }

  private clusterQuestion(row: number, clusters: Clusters): string {
    return `${this.questions.at(row)}:${this.shownBy(row)
      .map((picture) => clusters.of(picture))
      .join(',')}`;
  }

  private pinOf(row: number): Split | null {
    return splitNames[this.pinned.at(row)] ?? null;
  }

  private leaveOutByWeight(): void {
    for (let row = 0; row < this.fates.length; row += 1) {
      const weight = this.options.weights[this.files.at(row)] ?? 1;
      if (this.fates.at(row) !== fates.used || weight >= 1) continue;
      if (!isKept(this.groups.groupOf(this.keys.at(row)).name, this.options.seed, weight)) this.leaveOut(row, 'weight');
    }
  }

  private leaveOut(row: number, reason: LeftOut): void {
    this.fates.set(row, fates[reason]);
    this.answers.remove(this.answerIds.at(row));
    this.tally.leaveOut(reason);
  }

  /** A new row whose group lies on both sides of an earlier split can go to neither. */
  private leaveOutTies(splits: (row: number) => Split): void {
    const sides = new Uint8Array(this.groups.size);
    const rows = (use: (row: number, root: number) => void) => {
      for (let row = 0; row < this.fates.length; row += 1)
        if (this.fates.at(row) === fates.used) use(row, this.groups.rootOf(this.keys.at(row)));
    };
    rows((row, root) => {
      if (this.pinOf(row)) sides[root] = (sides[root] as number) | (1 << splitNames.indexOf(splits(row)));
    });
    rows((row, root) => {
      const among = sides[root] as number;
      if (this.pinOf(row) || (among & (among - 1)) === 0) return;
      this.leaveOut(row, 'joinsSplits');
    });
  }

  private assign(): { splits: (row: number) => Split; moved: number; giants: number } {
    const facts: GroupFacts[] = [];
    const roots = integers();
    const indexOfRoot = new Int32Array(this.groups.size).fill(-1);
    for (let row = 0; row < this.fates.length; row += 1) {
      if (this.fates.at(row) !== fates.used) {
        roots.push(-1);
        continue;
      }
      const key = this.keys.at(row);
      const root = this.groups.rootOf(key);
      const answer = this.answerIds.at(row);
      let index = indexOfRoot[root] as number;
      if (index === -1) {
        index = facts.length;
        indexOfRoot[root] = index;
        facts.push({ fraction: this.groups.groupOf(key).fraction, rows: 0, pinned: null, answer });
      }
      const group = facts[index] as GroupFacts;
      group.rows += 1;
      if (group.answer !== answer) group.answer = null;
      group.pinned ??= this.pinOf(row);
      roots.push(index);
    }
    const { kind, settings } = this.options;
    const classes =
      kind.kind === 'label' ||
      (kind.kind === 'text' && this.answers.distinct * 2 <= this.tally.used + this.tally.merged);
    const { splits, moved, giants } = assignSplits(facts, settings.split, classes);
    const splitOf = (row: number) => this.pinOf(row) ?? (splits[roots.at(row)] as Split);
    return { splits: splitOf, moved, giants: giants.length };
  }
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

function leftOutOf(fate: number): LeftOut | null {
  if (fate === fates.joinsSplits) return 'joinsSplits';
  return fate === fates.weight ? 'weight' : null;
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
}
