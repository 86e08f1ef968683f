/** Every figure of the evaluations side by side. */
import type { Interval } from '../../../config/decisions.js';
import type { Evaluation } from '../../../config/evaluation.js';
import type { Blind, ReportFacts } from '../../../config/report.js';
import { count, counted, interval, percent } from '../format.js';
import { type Html, html } from '../html.js';
import { fold, table } from './parts.js';

type When = ReportFacts['before'];
type Cell = Html | string;

/** Stands where an evaluation has no such figure. */
const none = '–';

const measures: [string, keyof When, (each: Evaluation) => Cell][] = [
  ['Business score', 'business', ({ score }) => ranged(score)],
  ['Format validity', 'business', ({ validity }) => ranged(validity)],
  ['Right among valid', 'business', ({ contentWhenValid }) => share(contentWhenValid)],
  ['Score after repairs', 'business', ({ repaired }) => share(repaired)],
  ['Balanced over classes', 'business', ({ balanced }) => share(balanced)],
  ['Always the commonest', 'business', ({ majorityBaseline }) => share(majorityBaseline)],
  ['Business items', 'business', itemsOf],
  ['Generic score', 'generic', ({ score }) => ranged(score)],
  ['Generic validity', 'generic', ({ validity }) => ranged(validity)],
  ['Generic items', 'generic', itemsOf],
];

/** Measures that neither evaluation has are left out. */
export function figureTable(before: When, after: When): Html {
  const rows = measures.flatMap(([name, set, show]) => {
    const cell = (each: Evaluation | null) => (each ? show(each) : none);
    const cells = [cell(before[set]), cell(after[set])];
    return cells.some((each) => each !== none) ? [[name, ...cells]] : [];
  });
  return table(['', 'Before', 'After'], rows, 'numbers');
}

function share(value: number | null): string {
  return value === null ? none : percent(value);
}

function ranged(value: Interval): Html {
  return html`${percent(value.mean)} <small>${interval(value)}</small>`;
}

function itemsOf({ asked, score, excluded, cut, refused }: Evaluation): Html {
  const remarks = [
    score.groups > 0 && score.groups < score.n ? [counted(score.groups, 'group')] : [],
    excluded > 0 ? [`${count(excluded)} excluded`] : [],
    cut > 0 ? [`${count(cut)} cut off`] : [],
    refused > 0 ? [`${count(refused)} refused`] : [],
  ].flat();
  return html`${count(asked)}${remarks.length > 0 ? html` <small>${remarks.join(', ')}</small>` : null}`;
}

/** Scores of the tuned model by format of question (R7). */
export function formatTable(formats: Evaluation | null): Html | null {
  if (formats === null) return null;
  const rows = Object.entries(formats.bySlice).map(([name, score]) => [name, ranged(score), count(score.n)]);
  const all = ['all of them', ranged(formats.score), count(formats.score.n)];
  return fold(
    `In other formats, after tuning (${percent(formats.score.mean)})`,
    table(['Format', 'Score', 'Items'], [...rows, all], 'numbers'),
  );
}

/** What is right without the right picture (R9). */
export function blindTable(own: Evaluation | null, blind: Blind | null): Html | null {
  if (own === null || blind === null) return null;
  const rows = [
    ['its own', own],
    ['those of other records', blind.swapped],
    ['grey ones', blind.blank],
  ] as const;
  return fold(
    `With other pictures, after tuning (${percent(blind.swapped.score.mean)})`,
    table(
      ['Pictures', 'Score', 'Items'],
      rows.map(([name, { score }]) => [name, ranged(score), count(score.n)]),
      'numbers',
    ),
  );
}

export function sliceTable(before: Evaluation | null, after: Evaluation | null): Html | null {
  const names = [...new Set([before, after].flatMap((each) => Object.keys(each?.bySlice ?? {})))];
  if (names.length === 0) return null;
  const rows = names.map((name) => {
    const [was, now] = [before?.bySlice[name], after?.bySlice[name]];
    return [name, was ? ranged(was) : none, now ? ranged(now) : none, count((now ?? was)?.n ?? 0)];
  });
  return fold(`By kind of question (${names.length})`, table(['Kind', 'Before', 'After', 'Items'], rows, 'numbers'));
}
