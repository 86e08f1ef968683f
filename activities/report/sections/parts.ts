/** Pieces that several sections use. */
import { type InkName, ink } from '../charts/palette.js';
import { type Html, html } from '../html.js';

export interface Section {
  /** Unique in the page. */
  id: string;
  heading: string;
  /** Its name in the list of contents. */
  short: string;
  /** What the section shows, in one sentence. */
  lead: string | null;
  /** null while there is nothing to show. */
  content: Html | readonly (Html | null)[] | null;
  /** What a run that has ended says in place of content. */
  empty: string;
}

export function drawSection({ id, heading, lead, content, empty }: Section): Html {
  const about = lead && content ? html`<p class="lead">${lead}</p>` : null;
  return html`<section id="${id}"><h2>${heading}</h2>${about}${content ?? nothing(empty)}</section>\n`;
}

/** What stands where there is nothing to show. */
export function nothing(text: string): Html {
  return html`<p class="nothing">${text}</p>`;
}

/** A table that scrolls in itself where it is wider than the page. */
export function table(
  head: readonly (Html | string)[],
  rows: readonly (readonly (Html | string)[])[],
  kind = '',
): Html {
  const cells = (row: readonly (Html | string)[]) =>
    row.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`));
  return html`<div class="scroll"><table class="${kind}"><thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div>`;
}

/** Names and values in two columns. */
export function pairs(entries: readonly (readonly [string, Html | string])[]): Html {
  return html`<dl class="pairs">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function fold(summary: string, content: Html | null): Html {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}

/** A swatch of a line, for legends in words. */
export function swatch({ ink: colour, dash, width }: { ink: InkName; dash: readonly number[]; width: number }): Html {
  return html`<svg class="swatch" viewBox="0 0 26 8" width="26" height="8" aria-hidden="true"><path d="M1 4H25" fill="none" stroke="${ink(colour)}" stroke-width="${width}" stroke-dasharray="${dash.join(' ')}"/></svg>`;
}
