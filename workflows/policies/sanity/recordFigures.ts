import type { AnswerKind } from '../../../config/evaluation.js';
import type { RecordFigures, Sided } from '../../../config/probing.js';
import { neighbourFigures } from './neighbours.js';
import { brokenAnswers } from './truncated.js';

/** A record of the built dataset, as far as the probes need it. */
export interface KnownRecord {
  id: string;
  group: string;
  /** File names of its pictures; the same picture has the same name. */
  pictures: string;
  question: string;
  expected: string;
  kind: AnswerKind;
  /** Whether it is among those that are trained. */
  trained: boolean;
  /** Its number among the used rows of the source; null for records made from others. */
  place: number | null;
}

export interface Given {
  given: string | null;
  score: number;
}

/** Ids of evidence. */
const shown = 20;

/**
 * What the records say without a model. `records`: those whose answers may be looked at.
 * `served`: answers by id; before a training there are none.
 */
export function recordFigures(records: readonly KnownRecord[], served: ReadonlyMap<string, Given>): RecordFigures {
  const trained = records.filter((record) => record.trained);
  const isWrong = (id: string) => (served.get(id)?.score ?? 1) < 1;
  const asked = trained.filter(({ id }) => served.has(id));
  const sided = (ids: ReadonlySet<string>): Sided => {
    const those = asked.filter(({ id }) => ids.has(id));
    const wrong = those.filter(({ id }) => isWrong(id)).map(({ id }) => id);
    const proof = asked.length > 0 ? wrong : [...ids];
    return { wrong: wrong.length, right: those.length - wrong.length, ids: proof.slice(0, shown) };
  };
  const broken = brokenAnswers(trained);
  return {
    rows: trained.length,
    asked: asked.length,
    wrong: asked.filter(({ id }) => isWrong(id)).length,
    conflicts: sided(contradicted(trained)),
    truncated: { ...sided(broken), rows: broken.size },
    ...neighbourFigures(records, served),
    text: toldByText(trained),
  };
}

/** Records with the pictures and the question of one with another answer. Lists of things may differ in their order. */
function contradicted(records: readonly KnownRecord[]): Set<string> {
  const judged = records.filter(({ kind }) => kind.kind !== 'attributes');
  const same = grouped(judged, ({ pictures, question }) => `${pictures}\0${plain(question)}`);
  const disputed = [...same.values()].filter((each) => new Set(each.map(({ expected }) => plain(expected))).size > 1);
  return new Set(disputed.flat().map(({ id }) => id));
}

/**
 * How often the commonest answer to the same question about pictures of other groups is the answer: no picture is needed
 * then. Judged are questions that other groups ask too. `majority`: what always giving the commonest answer gets of
 * those, for each prompt by itself and for all other questions together; of several prompts each may have its own.
 */
function toldByText(records: readonly KnownRecord[]): RecordFigures['text'] {
  let [judged, right, promptMajority] = [0, 0, 0];
  const others: string[] = [];
  for (const same of grouped(records, ({ question }) => plain(question)).values()) {
    if (new Set(same.map(({ group }) => group)).size < 2) continue;
    const answers = same.map(({ expected }) => plain(expected));
    judged += same.length;
    right += same.filter((record) => plain(record.expected) === commonestElsewhere(record, same)).length;
    if (isPrompt(same)) promptMajority += commonest(answers).count;
    else others.push(...answers);
  }
  const majority = judged > 0 ? (promptMajority + commonest(others).count) / judged : 0;
  return { judged, right, majority };
}

function commonestElsewhere({ group }: KnownRecord, same: readonly KnownRecord[]): string {
  return commonest(same.filter((other) => other.group !== group).map(({ expected }) => plain(expected))).value;
}

/** Share of a question's records, below which another answer to it may be a wrong label. */
const labelNoise = 0.01;

/** Whether the pictures surely change the answer: a second one has two groups, and more records than wrong labels have. */
function isPrompt(same: readonly KnownRecord[]): boolean {
  const answers = [...grouped(same, ({ expected }) => plain(expected)).values()];
  const [, second = []] = answers.sort((one, other) => other.length - one.length);
  return new Set(second.map(({ group }) => group)).size >= 2 && second.length > labelNoise * same.length;
}

function commonest(values: readonly string[]): { value: string; count: number } {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [value = '', count = 0] = [...counts].reduce((best, each) => (each[1] > best[1] ? each : best), ['', 0]);
  return { value, count };
}

function plain(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}

function grouped(records: readonly KnownRecord[], key: (record: KnownRecord) => string): Map<string, KnownRecord[]> {
  const groups = new Map<string, KnownRecord[]>();
  for (const record of records) {
    const group = groups.get(key(record));
    if (group) group.push(record);
    else groups.set(key(record), [record]);
  }
  return groups;
}
