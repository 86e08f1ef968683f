/** What was tried and why: every decision in its order. */
import type { RecordedDecision } from '../../../config/decisions.js';
import { duration, figure, moment, percent, prose, rate, titled, words } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportView } from '../view.js';
import { stepWord } from '../words.js';
import { fold, pairs, type Section } from './parts.js';

/** Figures shown with a decision at once; more are folded away. */
const figuresAtOnce = 6;

export function decisions({ facts: { decisions: taken } }: ReportView): Section {
  return {
    id: 'decisions',
    heading: 'What was tried and why',
    short: 'Decisions',
    lead: 'Every decision in its order: the rules it follows, its verdict, and the figures behind it.',
    empty: 'Nothing was decided.',
    content: taken.length > 0 ? html`<ol class="decisions">${taken.map(card)}</ol>` : null,
  };
}

function card({ id, step, rules, verdict, reason, evidence, settles, overruled, at }: RecordedDecision): Html {
  const kind = overruled ? 'overruled' : verdict.startsWith('cannotTell') ? 'unsure' : '';
  return html`<li class="card ${kind}">
<div class="where">${stepWord(step)} <code>${id}</code> ${rules.map((rule) => html`<span class="rule">${rule}</span> `)}<time datetime="${at}">${moment(at)}</time></div>
<h3>${titled(verdict)}</h3>
<p>${prose(reason)}</p>
${overruled ? html`<p class="aside"><b>Overruled.</b> The verdict was “${words(overruled.verdict)}”; ${overruled.by} set another: ${overruled.why}</p>` : null}
${settles ? html`<p class="aside"><b>What would settle it:</b> ${prose(settles)}</p>` : null}
${evidenceOf(evidence)}
</li>\n`;
}

function evidenceOf(evidence: RecordedDecision['evidence']): Html | null {
  const entries = Object.entries(evidence).map(([name, value]) => [words(name), evidenceValue(name, value)] as const);
  if (entries.length === 0) return null;
  const [shown, rest] = [entries.slice(0, figuresAtOnce), entries.slice(figuresAtOnce)];
  return html`${pairs(shown)}${rest.length > 0 ? fold(`${rest.length} more`, pairs(rest)) : null}`;
}

const shares =
  /(score|lower|upper|target|validity|share|kept|agreement|baseline|accuracy|exact|chance|ceiling|floor|valid)$/i;
const noShares = /(loss|excess|rise|rate|slope|token|nats)/i;

/** A share is told by its name; a figure of another unit is shown as it is. */
export function evidenceValue(name: string, value: RecordedDecision['evidence'][string]): string {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (/seconds$/i.test(name)) return duration(value);
  if (/learningRate$/i.test(name)) return rate(value);
  if (shares.test(name) && !noShares.test(name) && value >= 0 && value <= 1) return percent(value);
  return figure(value);
}
