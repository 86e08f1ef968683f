/** What a person should know of a dataset, and what they are asked before training goes on. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { DatasetChecks } from '../../../config/records.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { whyLeftOut } from '../build/rowTable.js';
import { counted, percent, quoted, remedies } from '../faults.js';
import type { AnswerCount, Answers } from './answerCounts.js';
import type { NearPictureFindings } from './nearPictures.js';
import type { Tally } from './tally.js';

/** Contradictions with the places of their first pairs. */
export interface PlacedConflicts {
  rows: number;
  pairs: [string, string][];
}

export interface Findings {
  tally: Tally;
  answers: Answers;
  conflicts: PlacedConflicts;
  kind: AnswerKind;
  near: NearPictureFindings;
  checks: DatasetChecks;
  settings: RecipeSettings['data'];
}

/** Above this share of contradicting records a person is asked: it bounds the accuracy that training can reach (M5). */
const maximumConflicts = 0.005;
const listed = 5;

/** In the order in which they matter; each is a sentence or two with figures. */
export function questionsOf({ tally, conflicts, kind, settings }: Findings): string[] {
  const questions: string[] = [];
  if (tally.rejected > settings.maximumRejected * tally.read) questions.push(rejectedQuestion(tally, settings));
  if (kind.kind !== 'attributes' && conflicts.rows > maximumConflicts * tally.used)
    questions.push(`${conflictNote(conflicts, tally.used)} Which answers are right?`);
  for (const [key, { count, first }] of [...tally.oddKeys].slice(0, listed))
    questions.push(
      `${counted(count, 'JSON answer')} with the key ${quoted(key)}, which does not belong there; the first is ${first}. Is it meant, or were the labels cut out wrongly?`,
    );
  if (integerRanges(tally).length > 1)
    questions.push(
      `${rangeNote(tally)} Pictures of one sensor should have one range: are the dark ones meant to be so bright?`,
    );
  const empty = tally.emptySplits(settings.split);
  if (empty.length > 0)
    questions.push(
      `No record falls into ${empty.join(', ')}: ${counted(tally.used, 'record')}, grouped by what they share, cannot be split so. Add records, or change data.split.`,
    );
  return questions;
}

function rejectedQuestion(tally: Tally, settings: RecipeSettings['data']): string {
  const reasons = [...tally.rejections].sort(([, one], [, other]) => other.count - one.count).slice(0, listed);
  const lines = reasons.map(([reason, { count, first }]) => `${count} x ${reason} (${first}. ${remedies[reason]})`);
  const share = percent(tally.rejected / tally.read);
  const head = `${tally.rejected} of ${tally.read} rows (${share}) are rejected, over ${percent(settings.maximumRejected)}`;
  return `${head}: ${lines.join('; ')} Go on without them?`;
}

function conflictNote({ rows, pairs }: PlacedConflicts, used: number): string {
  const shown = pairs
    .slice(0, listed)
    .map(([one, other]) => `${one} against ${other}`)
    .join('; ');
  return `${rows} of ${used} records (${percent(rows / used)}) show the same pictures and question with different answers: ${shown}.`;
}

function integerRanges(tally: Tally): string[] {
  return [...tally.ranges.keys()].filter((range) => range.endsWith('bits'));
}

function rangeNote({ ranges }: Tally): string {
  const found = [...ranges]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([range, of]) => `${of} of ${range}`);
  return `Pictures deeper than 8 bits are brought to 8 by the rule sensorRange (brightness over the full range of the sensor): ${found.join(', ')}.`;
}

export function notesOf({ tally, answers, conflicts, kind, near, checks }: Findings): string[] {
  const notes: string[] = [];
  if (tally.merged > 0)
    notes.push(
      `${counted(tally.merged, 'row')} with the pictures, question and answer of an earlier row: merged into it.`,
    );
  if (tally.withoutPicture > 0) notes.push(`${counted(tally.withoutPicture, 'sound row')} without a picture.`);
  if (tally.waiting > 0)
    notes.push(
      `${counted(tally.waiting, 'row')} without an answer yet: they wait in waiting.jsonl, and are not trained on.`,
    );
  for (const [reason, rows] of tally.leftOutFor)
    notes.push(`${counted(rows, 'sound row')} left out (${reason}): ${whyLeftOut[reason]}.`);
  if (conflicts.rows > 0) notes.push(conflictNote(conflicts, tally.used));
  notes.push(...nearNotes(near), ...textNotes(checks));
  if (tally.ranges.size > 0) notes.push(rangeNote(tally));
  return [...notes, ...answerNotes(answers, tally.used + tally.merged, kind)];
}

/** Imbalance and classes that can't be learnt or validated, where answers are classes or may be. */
function answerNotes(counts: Answers, good: number, kind: AnswerKind): string[] {
  const answers = counts.named().sort(([, one], [, other]) => other.rows - one.rows);
  const notes: string[] = [];
  const [largest] = answers;
  if (largest && answers.length > 1 && largest[1].rows * 2 >= good)
    notes.push(
      `Always answering ${quoted(largest[0])} would be right in ${percent(largest[1].rows / good)} of the rows: judge by recall per class.`,
    );
  if (counts.distinct === 1 && good > 1) notes.push(`Every row has the same answer, ${quoted(largest?.[0] ?? '')}.`);
  if ((kind.kind !== 'label' && kind.kind !== 'text') || !counts.areAllNamed) return notes;
  const once = answers.filter(([, { rows }]) => rows === 1);
  if (once.length > 0)
    notes.push(
      `${once.length} of ${counted(answers.length, 'answer')} seen once, which cannot be validated: ${namesOf(once)}.`,
    );
  if (kind.kind === 'label' || answers.length * 2 <= good) notes.push(...coverageNotes(answers), ...spellings(answers));
  if (kind.kind === 'label') notes.push(...labelsWithout(kind.labels, answers));
  return [...notes, ...lookAlikes(answers), ...missingWords(answers, kind)];
}

function coverageNotes(answers: [string, AnswerCount][]): string[] {
  const several = answers.filter(([, { rows }]) => rows > 1);
  const unseen = answers.filter(([, { splits }]) => splits.size > 0 && !splits.has('train'));
  const trainOnly = several.filter(([, { splits }]) => splits.size === 1 && splits.has('train'));
  const notes: string[] = [];
  if (unseen.length > 0)
    notes.push(`${counted(unseen.length, 'answer')} never seen in train, which cannot be learnt: ${namesOf(unseen)}.`);
  if (trainOnly.length > 0)
    notes.push(
      `${counted(trainOnly.length, 'answer')} seen in train only, which cannot be judged: ${namesOf(trainOnly)}.`,
    );
  return notes;
}

function groupsBy(answers: [string, AnswerCount][], seen: (answer: string) => string): string[][] {
  const groups = new Map<string, string[]>();
  for (const [answer] of answers) groups.set(seen(answer), [...(groups.get(seen(answer)) ?? []), answer]);
  return [...groups.values()].filter((group) => group.length > 1);
}

function groupsNote(groups: string[][], difference: string): string[] {
  const shown = groups.slice(0, listed).map((group) => group.map((answer) => quoted(answer, 30)).join(' and '));
  return groups.length === 0
    ? []
    : [`${counted(groups.length, 'group')} of answers that differ only by ${difference}: ${shown.join(', ')}.`];
}

function lookAlikes(answers: [string, AnswerCount][]): string[] {
  const groups = groupsBy(answers, (answer) => answer.replace(/[Oo]/g, '0').replace(/[Il]/g, '1'));
  return groupsNote(groups, 'O and 0, or I, l and 1');
}

/** One class that people have written in several ways is several to the model. */
function spellings(answers: [string, AnswerCount][]): string[] {
  const plain = (answer: string) =>
    answer
      .normalize('NFKC')
      .toLowerCase()
      .replace(/\p{Cf}/gu, '')
      .replace(/(?<=\p{L})[\s_-]+(?=\p{L})/gu, ' ')
      .replace(/(?<=.)[\s.,;:!。]+$/u, '');
  return groupsNote(groupsBy(answers, plain), 'case, spaces, dashes, a full stop or what is not seen');
}

function labelsWithout(labels: string[], answers: [string, AnswerCount][]): string[] {
  const given = new Set(answers.map(([answer]) => answer));
  const unused = labels.filter((label) => !given.has(label)).map((label) => quoted(label, 40));
  if (unused.length === 0) return [];
  const more = unused.length > listed ? ` and ${unused.length - listed} more` : '';
  return [
    `${unused.length} of ${counted(labels.length, 'label')} in no row, which cannot be learnt: ${unused.slice(0, listed).join(', ')}${more}.`,
  ];
}

/** What exports write where a cell is empty. A declared label is meant. */
const missingWord = /^(?:null|nan|none|nil|n\/?a|#n\/a|<na>|nat|undefined)$/i;

function missingWords(answers: [string, AnswerCount][], { kind }: AnswerKind): string[] {
  const found = kind === 'text' ? answers.filter(([answer]) => missingWord.test(answer)) : [];
  const rows = found.reduce((sum, [, each]) => sum + each.rows, 0);
  return rows === 0
    ? []
    : [
        `${counted(rows, 'row')} with an answer that reads as if there were none: ${namesOf(found)}. Leave such answers empty.`,
      ];
}

function namesOf(answers: [string, AnswerCount][]): string {
  const shown = answers.slice(0, listed).map(([answer]) => quoted(answer, 40));
  return answers.length > listed ? `${shown.join(', ')} and ${answers.length - listed} more` : shown.join(', ');
}

/** Near-duplicates are kept on one side of the split; what only may be one is for a person to look at. */
function nearNotes({ clusters, suspects, mirrors }: NearPictureFindings): string[] {
  const { clusters: count, members, largest } = clusters.sizes();
  const notes: string[] = [];
  if (count > 0)
    notes.push(
      `${members} pictures are near-duplicates of others, in ${counted(count, 'cluster')} of up to ${largest}: each cluster is kept on one side of the split.`,
    );
  if (mirrors.count > 0)
    notes.push(
      `${counted(mirrors.count, 'pair')} of pictures of which one is probably the other mirrored: not merged.`,
    );
  if (suspects.count > 0)
    notes.push(`${counted(suspects.count, 'pair')} of pictures that look much alike and are taken as different.`);
  return notes;
}

/** Values are never said: places are masked where they are found. */
function textNotes({ languages, personalData }: DatasetChecks): string[] {
  const found = personalData.map(({ kind, rows, first }) => `${kind} in ${counted(rows, 'row')} (${first[0]})`);
  const notes = found.length === 0 ? [] : [`Personal data, perhaps: ${found.join('; ')}. Warn whoever trains on it.`];
  const { foreign, main } = languages;
  return foreign === 0
    ? notes
    : [...notes, `${counted(foreign, 'text')} in another language than ${main}, that of most.`];
}
