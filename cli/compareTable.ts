/** A comparison of two models as lines for a terminal and as a page. */
import { pageOf } from '../activities/report/frame.js';
import { html } from '../activities/report/html.js';
import { table } from '../activities/report/sections/parts.js';
import type { Comparison } from './compare.js';
import { columns } from './shell.js';

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const money = (amount: number | null) => (Number.isFinite(amount) ? String(Number(amount?.toPrecision(4))) : '–');

/** Price of a thousand answers of each; null where nobody said. */
interface Costs {
  small: number | null;
  large: number | null;
}

/** One row a choice: small alone, cascades, large alone. */
function rowsOf({ small, large, choice }: Comparison, costs: Costs): string[][] {
  const alone = (name: string, score: number, cost: number | null, latency: number) => [
    name,
    percent(score),
    money(cost),
    `${latency} ms`,
  ];
  const cascades = (choice.cascade ?? []).map(({ escalated, score, cost }) => [
    `small, ${percent(escalated)} go on to large`,
    percent(score),
    money(1000 * cost),
    '–',
  ]);
  return [
    alone(`small: ${small.run}`, small.score, costs.small, small.latency),
    ...cascades,
    alone(`large: ${large.run}`, large.score, costs.large, large.latency),
  ];
}

const head = ['', 'right', 'a thousand answers', 'p95'];

function decided({ choice }: Comparison): string {
  return choice.verdict === 'cannotTell'
    ? `cannotTell: take the ${choice.takes} one`
    : `take the ${choice.verdict} one`;
}

export function comparisonLines(comparison: Comparison, costs: Costs): string[] {
  const { choice } = comparison;
  return [
    `Decision  ${decided(comparison)} (R17)`,
    choice.reason,
    ...(choice.settles ? [`It would be settled by: ${choice.settles}`] : []),
    '',
    ...columns([head, ...rowsOf(comparison, costs)]),
    ...(choice.cascade ? [] : ['A cascade is shown with --confidence.']),
  ];
}

/** The same as one file that loads nothing. */
export function comparisonPage(comparison: Comparison, costs: Costs): string {
  const { choice } = comparison;
  const evidence = Object.entries(choice.evidence).map(([name, value]) => [name, value === null ? '–' : String(value)]);
  return pageOf({ title: 'Small against large', refresh: false }, [
    html`<h1>Small against large: ${decided(comparison)}</h1><p>${choice.reason}</p>`,
    html`${choice.settles ? html`<p>It would be settled by: ${choice.settles}</p>` : null}`,
    table(head, rowsOf(comparison, costs), 'numbers'),
    html`<h2>Figures</h2>`,
    table(['', ''], evidence, 'numbers'),
  ]);
}
