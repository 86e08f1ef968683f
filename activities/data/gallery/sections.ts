/** The gallery's summary: where every row went, and what the records are like. */
import { fates, splitNames } from '../../../config/records.js';
import { count, counted, percent, prose, words } from '../../report/format.js';
import { type Html, html } from '../../report/html.js';
import { checksTable } from '../../report/sections/dataChecks.js';
import { fold, nothing, type Section } from '../../report/sections/parts.js';
import { histogram } from './charts.js';
import type { CardGroup, Fate, GalleryView, Histogram } from './view.js';

export const fateWords: Record<Fate, string> = {
  used: 'used',
  merged: 'merged with an equal row',
  rejected: 'rejected',
  waiting: 'waiting for an answer',
  leftOut: 'left out',
};

const splitWords = {
  train: 'trained on',
  dev: 'chooses prompts',
  validation: 'steers training',
  test: 'read once a decision',
};

export function rowsSection({ total, fates: of, bySplit, reasons, manifest }: GalleryView): Section {
  const used = of.used;
  const splits = splitNames.map((name) => ({ name, word: name, about: splitWords[name], rows: bySplit[name] }));
  const where = fates
    .filter((fate) => of[fate] > 0)
    .map((fate) => ({ name: fate, word: fateWords[fate], about: '', rows: of[fate] }));
  return section('rows', 'Where every row went', 'Rows', [
    html`<div class="beside"><div>${stacked(where, total)}</div><div>${stacked(splits, used)}</div></div>`,
    reasons.length === 0 ? nothing('Every row is used.') : reasonBars(reasons),
    checksTable(manifest),
    remarks(manifest),
  ]);
}

interface Part {
  name: string;
  word: string;
  about: string;
  rows: number;
}

function stacked(parts: readonly Part[], whole: number): Html {
  const share = (rows: number) => (whole > 0 ? rows / whole : 0);
  return html`<div class="bar tall" aria-hidden="true">${parts.map(({ name, rows }) => html`<i class="${name}" style="width:${share(rows) * 100}%"></i>`)}</div>
<p class="keys">${parts.map(({ name, word, about, rows }) => html`<span class="key ${name}"><b>${count(rows)}</b> ${word} <small>${percent(share(rows))}${about ? `, ${about}` : ''}</small></span>`)}</p>`;
}

function reasonBars(reasons: GalleryView['reasons']): Html {
  const most = Math.max(...reasons.map(({ rows }) => rows));
  const bars = reasons.map(
    ({ fate, reason, rows, remedy }) =>
      html`<li class="${fate}"><button type="button" data-fate="${fate}" data-reason="${reason}">${words(reason)}</button><div><i style="width:${(rows / most) * 100}%"></i></div><b>${count(rows)} ${fate === 'rejected' ? 'rejected' : fateWords[fate].split(' ')[0]}</b>${remedy ? html`<small>${remedy}</small>` : null}</li>`,
  );
  return html`<h3>Why rows are not used</h3><ul class="bars">${bars}</ul>`;
}

function remarks({ questions, notes, counts, sources }: GalleryView['manifest']): Html {
  const repairs = Object.entries(counts.repairs).map(
    ([what, rows]) => `${words(what)}: ${counted(rows, 'row')} repaired.`,
  );
  const read = sources.map(({ path, format, rows }) => `${path} (${format}, ${counted(rows, 'row')})`);
  const list = (lines: readonly string[]) =>
    html`<ul class="notes">${lines.map((line) => html`<li>${prose(line)}</li>`)}</ul>`;
  const asked =
    questions.length > 0 ? html`<div class="notice ask"><h3>A person is asked</h3>${list(questions)}</div>` : null;
  return html`${asked}${list([...notes, ...repairs])}${fold(`${counted(sources.length, 'source')}`, list(read))}`;
}

export function answersSection({ answers: { top, distinct }, fates: of }: GalleryView): Section {
  const most = Math.max(1, ...top.map(({ rows }) => rows));
  const bars = top.map(
    ({ answer, rows }) =>
      html`<li><button type="button" data-answer="${answer}">${answer}</button><div><i style="width:${(rows / most) * 100}%"></i></div><b>${count(rows)} · ${percent(rows / Math.max(1, of.used))}</b></li>`,
  );
  const rest = distinct - top.length;
  return section('answers', 'Answers', 'Answers', [
    html`<ul class="bars">${bars}</ul>`,
    rest > 0 ? html`<p class="note">And ${counted(rest, 'answer')} more.</p>` : null,
  ]);
}

export function sizesSection({ histograms, manifest }: GalleryView): Section {
  const { imageMaximum, perImage, textBytesMaximum } = manifest.tokens;
  const about = `With the model of the build: ${counted(perImage, 'token')} a picture and ${count(imageMaximum)} of pictures a record at most; the longest text has ${counted(textBytesMaximum, 'byte')}.`;
  const drawn = [...histograms, ...nearestHistogram(manifest)];
  const isOne = ({ bins }: Histogram) => bins.length === 1 && bins.every(({ from, to }) => to - from === 1);
  const [several, same] = [drawn.filter((each) => !isOne(each)), drawn.filter(isOne)];
  return section('sizes', 'Sizes', 'Sizes', [
    html`<div class="drawings">${several.map(histogram)}</div>`,
    html`<p class="note">${same.map(({ title, about: of, bins }) => html`<b>${title}</b> ${count(bins[0]?.from ?? 0)} everywhere (${of}). `)}${about}</p>`,
  ]);
}

/** How near the held-out pictures come to those that are trained on; from the first distance that is met to the last. */
function nearestHistogram({ checks }: GalleryView['manifest']): Histogram[] {
  const counts = checks?.testToTrain ?? [];
  const [first, last] = [counts.findIndex((each) => each > 0), counts.findLastIndex((each) => each > 0)];
  if (first === -1) return [];
  const bins = counts
    .slice(first, last + 1)
    .map((each, index) => ({ from: first + index, to: first + index + 1, count: each }));
  const of = counts.reduce((sum, each) => sum + each, 0);
  const about = `Bits of 64 in which ${counted(of, 'test picture')} differ from the nearest training picture; copies differ in 10 at most.`;
  return [{ id: 'nearest', title: 'From test to train', about, bins }];
}

/** Their cards are drawn in the page, from the same data as all others. */
export function groupSections({ conflicts, lookAlikes, odd }: GalleryView): Section[] {
  const found = [
    {
      ...section('conflicts', 'Contradictions', 'Contradictions', groups(conflicts.groups, 'conflicts')),
      lead: `${counted(conflicts.records, 'record')} with the pictures and question of another, and another answer.`,
      shown: conflicts.groups.length,
    },
    {
      ...section('alike', 'Pictures that look the same', 'Look-alikes', groups(lookAlikes.groups, 'lookAlikes')),
      lead: `Among ${counted(lookAlikes.compared, 'picture')} of the cards. One that is held out and looks like one that is trained on makes a score too good.`,
      shown: lookAlikes.groups.length,
    },
    {
      ...section('odd', 'Odd ones', 'Odd ones', groups(odd, 'odd')),
      lead: 'Records that stand out most.',
      shown: odd.length,
    },
  ];
  return found.filter(({ shown }) => shown > 0);
}

function groups(of: readonly CardGroup[], from: string): Html {
  return html`<div class="side">${of.map(({ title, bad }, index) => html`<article class="${bad ? 'bad' : ''}"><h3>${title}</h3><div class="cards" data-from="${from}" data-group="${index}"></div></article>`)}</div>`;
}

export function cardsSection({ rows, total }: GalleryView): Section {
  const sampled =
    rows.length < total
      ? `A sample of ${count(rows.length)} of ${counted(total, 'row')}, the same at every look: every split and every reason is in it.`
      : `All ${counted(total, 'row')}.`;
  return {
    ...section('cards', 'Cards', 'Cards', [
      html`<form class="filters" id="filters">
<label>Text<input type="search" name="text" placeholder="question, answer, id, file"></label>
<label>Split<select name="split"></select></label>
<label>Fate<select name="fate"></select></label>
<label>Reason<select name="reason"></select></label>
<label>Answer<select name="answer"></select></label>
<label>Made from<select name="from"></select></label>
<button type="reset">Clear</button></form>`,
      html`<p class="pager"><button type="button" id="before">Before</button><span id="where" aria-live="polite"></span><button type="button" id="next">Next</button></p><div class="cards" id="page"></div>`,
    ]),
    lead: sampled,
  };
}

function section(id: string, heading: string, short: string, content: Section['content']): Section {
  return { id, heading, short, lead: null, content, empty: '' };
}
