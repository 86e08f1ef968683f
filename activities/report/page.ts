/** The page of a run: one file that needs nothing but itself. Pure: facts in, HTML out. */
import { type Html, html, trusted } from './html.js';
import { testReads, timeAndCost } from './sections/costs.js';
import { curves } from './sections/curves.js';
import { data } from './sections/data.js';
import { decisions } from './sections/decisions.js';
import { examples } from './sections/examples.js';
import { figures } from './sections/figures.js';
import { opening } from './sections/opening.js';
import { drawSection } from './sections/parts.js';
import { settings } from './sections/settings.js';
import { use } from './sections/use.js';
import { styleSheet } from './style.js';
import type { ReportView } from './view.js';
import { isOpen } from './words.js';

/** Seconds between two looks at a run that goes on. */
const refreshSeconds = 5;

/** What the page may load: nothing from anywhere, and no script. */
export const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The sections in the order in which they are read. */
const sections = [figures, decisions, curves, data, examples, settings, testReads, timeAndCost, use];

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

interface PageFrame {
  title: string;
  /** Whether the page loads itself anew. */
  refresh: boolean;
}

/** The frame that every page of ours has. */
export function pageOf({ title, refresh }: PageFrame, content: Html | readonly Html[]): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
${refresh ? html`<meta http-equiv="refresh" content="${refreshSeconds}">` : null}
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(styleSheet)}</style>
</head>
<body><main>
${content}
</main></body>
</html>
`.text;
}

function footer({ facts, details }: ReportView): Html {
  const { unread } = details;
  return html`<footer>${unread.length > 0 ? html`<div class="notice"><h2>Not in this report</h2><ul>${unread.map((file) => html`<li>${file}</li>`)}</ul></div>` : null}<p>Made by Anneal for run ${facts.run}. The same facts as JSON: <code>report.json</code> beside this file.</p></footer>`;
}
