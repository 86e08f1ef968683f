/** The live view of `anneal status` as lines. Pure: knows no terminal, no server and no clock. */
import type { BudgetStanding } from '../config/budget.js';
import { type Asked, askedBy } from './answers.js';
import { columns } from './shell.js';
import type { Overview, RunDetails } from './status.js';

/** Runs in the table at most; more are in `anneal status --once`. */
const mostLines = 12;
const barWidth = 30;
const lastDecisions = 3;
/** Of the widest label, with the spaces around it. */
const labelWidth = 11;

/** What is seen now; `note` is the line above it. Of a run that goes on, what must not be cut is wrapped at `width`. */
export function statusView({ lines, open }: Overview, note: string, width: number): string[] {
  const rows = lines
    .slice(0, mostLines)
    .map(({ run, state, step, started, verdict }) => [run, state, step, started, verdict]);
  const more = lines.length - rows.length;
  if (lines.length === 0) return [note, '', 'There is no run yet. Start one: anneal run examples/digits'];
  return [
    note,
    '',
    ...columns([['RUN', 'STATE', 'STEP', 'STARTED', 'VERDICT'], ...rows]),
    ...(more > 0 ? [`and ${more} more: anneal status --once`] : []),
    ...open.flatMap((details) => ['', ...detailsView(details, width)]),
  ];
}

function detailsView(details: RunDetails, width: number): string[] {
  const { run, step, live, progress, budget, question, decisions, link, report } = details;
  const wrap: Wrap = (label, text) => wrapped(text, width - labelWidth).map((part, at) => [at ? '' : label, part]);
  const rows = [
    ...(progress === null ? [] : [['now', bar(progress)]]),
    ...wrap(progress === null ? 'now' : '', live ?? `step ${step}`),
    ...budgetRows(budget),
    ...decisions.slice(-lastDecisions).map(({ id, verdict, reason }) => ['decided', `${id}: ${verdict}. ${reason}`]),
    ...(question === null ? [] : askedRows(askedBy(question, run), wrap)),
    ...(link === null ? [] : [['watch', link]]),
    ...(report === null ? [] : [['report', report]]),
  ];
  return [run, ...columns(rows).map((line) => `  ${line}`)];
}

type Wrap = (label: string, text: string) => string[][];

function askedRows({ text, lines }: Asked, wrap: Wrap): string[][] {
  return [...wrap('asked', text), ...lines.flatMap((line) => wrap('answer', line))];
}

function budgetRows(budget: BudgetStanding | null): string[][] {
  if (budget === null) return [];
  const { caps, spent } = budget;
  const units = { money: '', trainerHours: ' trainer hours', wallClock: ' hours' } as const;
  return (Object.keys(units) as (keyof typeof units)[]).flatMap((name) => {
    const [cap, used] = [caps[name], spent[name]];
    if (cap === undefined || used === null) return [];
    return [
      ['budget', `${bar({ done: used, total: cap })}  ${figure(used)} of ${figure(cap)}${units[name] || ' money'}`],
    ];
  });
}

/** Lines of whole words; a word that is longer has a line of its own. */
function wrapped(text: string, width: number): string[] {
  const line = new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)|\\S+`, 'g');
  return text.replaceAll(/\s+/g, ' ').trim().match(line) ?? [];
}

/** A bar with its share, never over its end. */
export function bar({ done, total }: { done: number; total: number }): string {
  const share = Math.min(1, Math.max(0, done / total));
  const full = Math.round(share * barWidth);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${percent} %`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
