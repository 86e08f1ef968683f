/** What was spent: reads of the test split, time, tokens and hours of machines. */
import type { Evaluation } from '../../../config/evaluation.js';
import type { ReportFacts } from '../../../config/report.js';
import type { TrainingCurve } from '../details.js';
import { count, duration, hours, secondsBetween } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportView } from '../view.js';
import { stepWord } from '../words.js';
import { budgetSpent, estimateBesideActual } from './budget.js';
import { pairs, type Section } from './parts.js';

/** After so many reads a test split is worn: advise a fresh one. */
const mostTestReads = 5;

export function testReads({ facts: { testReads: reads } }: ReportView): Section {
  return {
    id: 'reads',
    heading: 'Reads of the test split',
    short: 'Test reads',
    lead: 'Held-out data is spent by looking at it: one read a decision.',
    empty: 'The test split was not read.',
    content:
      reads.length > 0
        ? [
            html`<ol class="reads">${reads.map((read) => html`<li>${stepWord(read)} <code>${read}</code></li>`)}</ol>`,
            reads.length > mostTestReads ? wornNote(reads.length) : null,
          ]
        : null,
  };
}

function wornNote(reads: number): Html {
  return html`<p class="note"><b>${count(reads)} reads:</b> collect a fresh test set before you trust another figure.</p>`;
}

export function timeAndCost({ facts, details }: ReportView): Section {
  const { steps, startedAt, updatedAt } = facts;
  const total = secondsBetween(startedAt, updatedAt);
  const costs = [
    ...(total === null ? [] : [['In all', duration(total)] as const]),
    ...machineHours(facts, details.curves),
    ...tokens(facts),
  ];
  return {
    id: 'cost',
    heading: 'Time and cost',
    short: 'Time and cost',
    lead: null,
    empty: 'No step was finished.',
    content: steps.length > 0 ? [timeBars(steps), pairs(costs), estimateBesideActual(facts), budgetSpent(facts)] : null,
  };
}

function timeBars(steps: ReportFacts['steps']): Html {
  const longest = Math.max(...steps.map(({ seconds }) => seconds));
  const width = (seconds: number) => (longest > 0 ? ((seconds / longest) * 100).toFixed(1) : '0');
  const bars = steps.map(
    ({ name, seconds }) =>
      html`<li><span>${stepWord(name)}</span><div><i style="width:${width(seconds)}%"></i></div><b>${duration(seconds)}</b></li>`,
  );
  return html`<ol class="times">${bars}</ol>`;
}

/** A training on `cuda` costs GPU hours; any other device is counted as CPU. */
function machineHours({ trainings }: ReportFacts, curves: readonly TrainingCurve[]): [string, string][] {
  const spent = new Map<string, number>();
  for (const { name, seconds } of trainings) {
    const device = curves.find((curve) => curve.name === name)?.device;
    const kind = device ? (/cuda|gpu|rocm|hip/i.test(device) ? 'GPU' : 'CPU') : 'machine';
    spent.set(kind, (spent.get(kind) ?? 0) + seconds);
  }
  return [...spent].map(([kind, seconds]) => [`Training, ${kind} hours`, hours(seconds)]);
}

function tokens({ before, after }: ReportFacts): [string, string][] {
  const evaluations = [before.business, before.generic, after.business, after.generic].filter((each) => each !== null);
  if (evaluations.length === 0) return [];
  const sum = (of: (each: Evaluation) => number) => evaluations.reduce((total, each) => total + of(each), 0);
  return [
    ['Evaluation, endpoint time', duration(sum(({ seconds }) => seconds))],
    ['Evaluation, questions', count(sum(({ asked }) => asked))],
    ['Evaluation, prompt tokens', count(sum(({ promptTokens }) => promptTokens))],
    ['Evaluation, answer tokens', count(sum(({ completionTokens }) => completionTokens))],
  ];
}
