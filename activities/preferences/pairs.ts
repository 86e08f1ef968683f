/** Builds the pairs of a run: the model's own, checked by the scorer, and a person's, none of them across a split. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AnswerKind, AnswerRow } from '../../config/evaluation.js';
import type { PreferenceRecord, TaskRecord } from '../../config/records.js';
import {
  type AnsweredItem,
  buildPairs,
  isTie,
  type PairCounts,
  type Preference,
} from '../../workflows/policies/preferences/buildPairs.js';
import { type ErrorKind, errorKind, errorKinds } from '../../workflows/policies/preferences/errorKind.js';
import { type ImagePreference, imagePairs } from '../../workflows/policies/preferences/imagePairs.js';
import { balanceLengths } from '../../workflows/policies/preferences/lengths.js';
import { type Headroom, headroom } from '../../workflows/policies/preferences/passAt.js';
import { scoreAnswer } from '../../workflows/policies/scoring/score.js';
import { sha256, toPath, toUri, writeJson, writeWhole } from '../storage/files.js';
import { answerOf, answersById, type OwnPair, ownPairs, recordsById } from './read.js';

export interface BuildPairsInput {
  /** Answer files; each item is in as many of them as it was answered. */
  answersUris: string[];
  /** The training records. */
  setUri: string;
  /** Records beside them that no stage trained. Runs of before have none. */
  freshUri?: string;
  /** A person's own pairs; null where there are none. */
  own: string | null;
  /** Which model answered, for the provenance. */
  model: string;
  rules: { atMost: number; lengthTolerance: number; heldOut: number; seed: number };
  /** Pairs of one answer under two pictures: their share, and how answers are judged. Runs of before have none. */
  pictures?: { share: number; answer: AnswerKind };
  /** URI of the folder to write to. */
  into: string;
}

export interface PreferencePairs {
  pairsUri: string;
  heldOutUri: string;
  /** Pairs of two answers that are trained on, and held out. */
  pairs: number;
  heldOut: number;
  /** Pairs of one answer under two pictures, beside them. */
  imagePairs: { pairs: number; heldOut: number };
  /** Of the pairs of answers, trained on or held out, those of fresh records. */
  fresh: number;
  /** The same, those of a person. */
  persons: number;
  counts: PairCounts;
  headroom: Headroom;
  errors: Record<ErrorKind, number>;
}

/** Throws DatasetInvalid for a line of another shape, of answers, records or a person's file. */
export async function buildPreferencePairs(input: BuildPairsInput): Promise<PreferencePairs> {
  const { rules } = input;
  const answers = await answersById(input.answersUris);
  const fresh = input.freshUri ? await recordsById(input.freshUri) : new Map<string, TaskRecord>();
  const records = new Map([...(await recordsById(input.setUri)), ...fresh]);
  const trainingGroups = new Set([...records.values()].map(({ group }) => group));
  const sampled = buildPairs([...answers].map(answeredItem), { ...rules, trainingGroups });
  const persons = await personsPairs(input.own, records);
  const own = balanceLengths(persons.pairs, rules.lengthTolerance);
  const all = [...own, ...sampled.pairs];
  const counts = {
    ...sampled.counts,
    otherSplit: sampled.counts.otherSplit + persons.otherSplit,
    ties: sampled.counts.ties + persons.ties,
    unbalanced: sampled.counts.unbalanced + persons.pairs.length - own.length,
  };
  const isHeldOut = heldOutGroups(all, rules);
  const folder = toPath(input.into);
  await mkdir(folder, { recursive: true });
  const write = async (name: string, isIn: (group: string) => boolean) => {
    const pairs = all.filter(({ group }) => isIn(group));
    const items = [...records.values()].filter(({ group }) => isIn(group));
    const pictured = picturePairs(pairs, items, input);
    const lines = [...pairs, ...pictured].map((pair, index) =>
      pairRecord(pair, index, { records, folder, setUri: input.setUri }),
    );
    await writeWhole(path.join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return { uri: toUri(path.join(folder, name)), count: pairs.length, pictured: pictured.length };
  };
  const trained = await write('pairs.jsonl', (group) => !isHeldOut.has(group));
  const heldOut = await write('held-out.jsonl', (group) => isHeldOut.has(group));
  const told = {
    pairs: trained.count,
    heldOut: heldOut.count,
    imagePairs: { pairs: trained.pictured, heldOut: heldOut.pictured },
    fresh: all.filter(({ id }) => fresh.has(id)).length,
    persons: own.length,
    counts,
  };
  await writeJson(path.join(folder, 'pairs.json'), { ...input, ...told });
  return {
    pairsUri: trained.uri,
    heldOutUri: heldOut.uri,
    ...told,
    headroom: headroom([...answers.values()].map(sampledItem), triesOf(answers)),
    errors: errorsOf(answers),
  };
}

function triesOf(answers: ReadonlyMap<string, AnswerRow[]>): number {
  return [...answers.values()].reduce((most, rows) => Math.max(most, rows.length), 0);
}

/** Answers that were cut or refused end too early to be learnt from, as better or worse. */
function answeredItem([id, rows]: [string, AnswerRow[]]): AnsweredItem {
  const answered = rows.filter(({ outcome, given }) => outcome === 'answered' && given !== null);
  return {
    id,
    group: rows[0]?.group ?? id,
    answers: answered.map(({ given, score }) => ({ text: given ?? '', score })),
  };
}

function sampledItem(rows: AnswerRow[]) {
  const asked = rows.filter(({ outcome }) => outcome !== 'excluded');
  return {
    group: rows[0]?.group ?? '',
    asked: asked.length,
    right: asked.filter(({ score }) => score >= 1).length,
  };
}

function errorsOf(answers: ReadonlyMap<string, AnswerRow[]>): Record<ErrorKind, number> {
  const errors = Object.fromEntries(errorKinds.map((kind) => [kind, 0])) as Record<ErrorKind, number>;
  for (const rows of answers.values())
    for (const { outcome, given, ...row } of rows)
      if (outcome === 'answered' && row.score < 1) errors[errorKind({ ...row, given: given ?? '' })] += 1;
  return errors;
}

/** Of the person's file, and of training records that came with a rejected answer. */
async function personsPairs(file: string | null, records: ReadonlyMap<string, TaskRecord>) {
  const given: OwnPair[] = [
    ...(file === null ? [] : await ownPairs(file)),
    ...[...records.values()].flatMap(({ id, rejected }) => (rejected === undefined ? [] : [{ id, rejected }])),
  ];
  const found = { pairs: [] as Preference[], otherSplit: 0, ties: 0 };
  for (const { id, rejected, chosen: said } of given) {
    const record = records.get(id);
    if (!record) {
      found.otherSplit += 1;
      continue;
    }
    const chosen = said ?? answerOf(record);
    if (isTie(chosen, rejected)) found.ties += 1;
    else found.pairs.push({ id, group: record.group, chosen, rejected });
  }
  return found;
}

/** Whole groups, by the hash of seed and group: at least one where there are two. */
function heldOutGroups(pairs: readonly Preference[], { heldOut, seed }: BuildPairsInput['rules']): Set<string> {
  const rank = (group: string) => sha256(`preferences\0${seed}\0${group}`);
  const groups = [...new Set(pairs.map(({ group }) => group))];
  const ranked = groups.map((group) => ({ group, at: rank(group) })).sort((a, b) => (a.at < b.at ? -1 : 1));
  const count = groups.length < 2 ? 0 : Math.max(1, Math.round(heldOut * groups.length));
  return new Set(ranked.slice(0, count).map(({ group }) => group));
}

/** Of the records of one side only, so that no picture that is held out is trained on. */
function picturePairs(
  pairs: readonly Preference[],
  records: readonly TaskRecord[],
  { pictures, rules }: BuildPairsInput,
): ImagePreference[] {
  if (!pictures) return [];
  const items = records.map((record) => ({
    id: record.id,
    question: JSON.stringify(record.messages.slice(0, -1)),
    pictures: record.images,
    kind: record.answerKind ?? pictures.answer,
    answer: answerOf(record),
  }));
  return imagePairs(pairs, items, {
    share: pictures.share,
    isRight: ({ kind, answer }, text) => scoreAnswer(kind, answer, text).score >= 1,
    rank: (name) => sha256(`imagePairs\0${rules.seed}\0${name}`),
  });
}

/** The record of the item with the chosen answer in its place; pictures are named from the folder of the pairs. */
function pairRecord(
  pair: Preference | ImagePreference,
  index: number,
  { records, folder, setUri }: { records: ReadonlyMap<string, TaskRecord>; folder: string; setUri: string },
): PreferenceRecord {
  const from = path.dirname(toPath(setUri));
  const pictures = ({ images }: TaskRecord) => images.map((image) => path.relative(folder, path.join(from, image)));
  const known = (id: string) => {
    const record = records.get(id);
    if (!record) throw new Error(`The item ${id} is no training record.`);
    return record;
  };
  const record = known(pair.id);
  return {
    ...record,
    id: `${pair.id}#${index}`,
    messages: [...record.messages.slice(0, -1), { role: 'assistant', content: [{ type: 'text', text: pair.chosen }] }],
    images: pictures(record),
    rejected: pair.rejected,
    ...('instead' in pair ? { rejectedImages: pictures(known(pair.instead)) } : {}),
  };
}
