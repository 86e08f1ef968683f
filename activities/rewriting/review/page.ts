/** review.html: a card a proposal, for one who reviews without a spreadsheet. Works from a file; asks nobody for anything. */
import { createHash } from 'node:crypto';
import type { Change, MeaningCheck, RewritePurpose } from '../../../config/rewriting.js';
import { counted } from '../../report/format.js';
import { type Html, html, trusted } from '../../report/html.js';
import { styleSheet } from '../../report/style.js';
import { type Piece, wordDiff } from './diff.js';
import { pageScript } from './pageScript.js';
import { reviewStyle } from './pageStyle.js';

/** Cards that are shown at once. */
export const cardsShown = 25;
/** Cards of one file at most: more would open slowly. */
export const cardsOfFile = 1000;

export interface ReviewPage {
  run: string;
  purpose: RewritePurpose;
  model: string;
  changes: readonly Change[];
  /** This file among the others, from 0. */
  index: number;
  files: readonly string[];
  proposals: number;
}

export function reviewPage(page: ReviewPage): string {
  const script = trusted(pageScript);
  const sums = createHash('sha256').update(pageScript).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:; script-src 'sha256-${sums}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Review of ${page.run}</title>
<style>${trusted(styleSheet)}${trusted(reviewStyle)}</style>
</head>
<body data-run="${page.run}"><main>
${opening(page)}
${toolbar()}
${groups(page.changes).map((cards, index) => html`<div class="cards"${index === 0 ? null : html` hidden`}>${cards.map(card)}</div>\n`)}
<footer>${page.changes.length > 0 ? pager() : null}<p>Nothing here changes your records. Download the decisions and give the file to <code>anneal data review</code>; the next build reads them.</p></footer>
<template id="decided">${decidedJson(page.changes)}</template>
</main>
<script>${script}</script>
</body>
</html>
`.text;
}

const purposeWords: Record<RewritePurpose, string> = {
  format: 'answers brought into the declared form',
  style: 'answers in the target style',
  correct: 'labels that the model contradicts',
  answer: 'answers for pictures that have none',
};

function opening({ run, purpose, model, changes, index, files, proposals }: ReviewPage): Html {
  const shown = files.length > 1 ? `, of which this page has ${counted(changes.length, 'card')}` : '';
  return html`<p class="crumb"><span class="brand">Anneal</span> <span class="task">${run}</span></p>
<h1>${counted(proposals, 'proposal')}: ${purposeWords[purpose]}</h1>
<p class="about">By ${model}${shown}.${changes.some(({ agreement }) => agreement) ? ' Where the runs agree most comes first.' : null}</p>
${files.length > 1 ? html`<nav aria-label="Pages">${files.map((file, at) => html`<a href="${file}"${at === index ? html` aria-current="page"` : null}>${String(at + 1)}</a> `)}</nav>` : null}
${changes.length === 0 ? html`<p class="nothing">There is nothing to review.</p>` : null}`;
}

function toolbar(): Html {
  return html`<div class="bar-top" role="toolbar" aria-label="Decisions"><span id="counter" role="status"></span>
<span class="keys"><kbd>a</kbd> accept <kbd>r</kbd> refuse <kbd>e</kbd> edit <kbd>u</kbd> undo <kbd>j</kbd> <kbd>k</kbd> next, previous</span>
${pager()}<button type="button" id="download">Download decisions as CSV</button></div>`;
}

function pager(): Html {
  return html`<span class="pager"><button type="button" data-turn="-1" aria-label="Cards before">‹</button> <span class="at"></span> <button type="button" data-turn="1" aria-label="More cards">›</button></span>`;
}

function groups(changes: readonly Change[]): Change[][] {
  const result: Change[][] = [];
  for (let from = 0; from < changes.length; from += cardsShown) result.push(changes.slice(from, from + cardsShown));
  return result;
}

function card(change: Change): Html {
  const { id, record, source, line, asked, before, after, reason, agreement, checks, pictures } = change;
  const diff = wordDiff(before ?? '', after);
  const place = [record, ...(source === null ? [] : [`${source}, line ${line}`])].join(' · ');
  return html`<article class="proposal card" data-id="${id}" data-image="${pictures[0] ?? ''}" data-after="${after}">
<div class="picture">${pictures.length === 0 ? html`<span class="missing">no picture</span>` : pictures.map((file) => html`<a href="${urlOf(file)}"><img src="${urlOf(file)}" alt="Picture of ${record}" loading="lazy"></a>`)}</div>
<div class="said"><p class="asked">${asked}</p>
<dl><dt>before</dt><dd>${before === null ? html`<i>no answer</i>` : marked(diff.before, 'del')}</dd><dt>after</dt><dd>${before === null ? after : marked(diff.after, 'ins')}</dd></dl>
<p class="why">${reason}${agreement ? html` <b class="rule">${String(agreement.agree)} of ${String(agreement.of)}</b>` : null} ${checks.filter(({ passes }) => passes === true).map(passed)}</p>
<p class="judged"><code>${place}</code></p>
<textarea hidden rows="3" aria-label="Edited answer"></textarea>
<p class="choices"><button type="button" data-do="accept">✓ Accept</button> <button type="button" data-do="refuse">✕ Refuse</button> <button type="button" data-do="edit">✎ Edit</button></p></div></article>
`;
}

function passed({ name }: MeaningCheck): Html {
  return html`<span class="passed">✓ ${name}</span> `;
}

function marked(pieces: readonly Piece[], how: 'del' | 'ins'): Html[] {
  return pieces.map(({ text, changed }) => {
    if (!changed) return html`${text}`;
    return how === 'del' ? html`<del>${text}</del>` : html`<ins>${text}</ins>`;
  });
}

/** A relative path as an address: a name may hold signs that mean something there. */
function urlOf(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/');
}

/** What is accepted already, by a rule that is proven; in a template, since that is not run. */
function decidedJson(changes: readonly Change[]): string {
  const accepted = changes.filter(({ status }) => status === 'accepted');
  const entries = accepted.map(({ id, pictures, after }) => [
    id,
    { decision: 'accept', edited: '', image: pictures[0] ?? '', after },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}
