/** The page of a run: one file that needs nothing but itself. Pure: facts in, HTML out. */
import { pageOf } from './frame.js';
import { type Html, html } from './html.js';
import { testReads, timeAndCost } from './sections/costs.js';
import { curves } from './sections/curves.js';
import { data } from './sections/data.js';
import { decisions } from './sections/decisions.js';
import { examples } from './sections/examples.js';
import { figures } from './sections/figures.js';
import { mix } from './sections/mix.js';
import { opening } from './sections/opening.js';
import { drawSection } from './sections/parts.js';
import { settings } from './sections/settings.js';
import { use } from './sections/use.js';
import type { ReportView } from './view.js';
import { isOpen } from './words.js';

/** The sections in the order in which they are read. */
const sections = [figures, decisions, mix, curves, data, examples, settings, testReads, timeAndCost, use];

/** A run that goes on shows only what it has; one that ended says what it hasn't. */
export function renderHtml(view: ReportView): string {
  const { facts } = view;
  const open = isOpen(facts.state);
  const shown = sections.map((section) => section(view)).filter(({ content }) => content !== null || !open);
  const links = shown.map(({ id, short }) => html`<a href="#${id}">${short}</a> `);
  const title = `${facts.recipe?.task.name ?? facts.run}: ${facts.verdict}`;
  return pageOf({ title, refresh: open }, [
    opening(facts),
    html`<nav aria-label="Contents">${links}</nav>\n`,
    ...shown.map(drawSection),
    footer(view),
  ]);
}

function footer({ facts, details }: ReportView): Html {
  const { unread } = details;
  return html`<footer>${unread.length > 0 ? html`<div class="notice"><h2>Not in this report</h2><ul>${unread.map((file) => html`<li>${file}</li>`)}</ul></div>` : null}<p>Made by Anneal for run ${facts.run}. The same facts as JSON: <code>report.json</code> beside this file.</p></footer>`;
}
