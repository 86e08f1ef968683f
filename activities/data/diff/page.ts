/** The page of a comparison. Pure: differences in, HTML out. */
import { count, counted } from '../../report/format.js';
import { pageOf } from '../../report/frame.js';
import { type Html, html } from '../../report/html.js';
import { drawSection, nothing, type Section, table } from '../../report/sections/parts.js';
import type { Kept } from './compare.js';
import type { DatasetDiff } from './diffDatasets.js';

export function diffPage(diff: DatasetDiff): string {
  const { one, other, same, added, removed, changed, moved } = diff;
  const short = ({ digest }: { digest: string }) => html`<code>${digest.slice(0, 12)}</code>`;
  return pageOf({ title: 'Anneal: two datasets compared', refresh: false }, [
    html`<header><p class="crumb"><span class="brand">Anneal</span><span class="task">two datasets compared</span></p>
<h1>${counted(same, 'record')} alike, ${count(added.count)} added, ${count(removed.count)} removed, ${count(changed.count)} changed</h1>
<p class="meta"><span>before ${short(one)} ${one.folder}</span><span>after ${short(other)} ${other.folder}</span></p></header>`,
    html`${movedNotice(diff)}`,
    ...sections(diff).map(drawSection),
    html`<footer><p>${counted(moved.count, 'record')} moved between splits. The same as JSON: <code>anneal data diff --json</code>.</p></footer>`,
  ]);
}

/** A split is a function of a record's group: a move means that seed, shares or groups are others. */
function movedNotice({ moved }: DatasetDiff): Html | null {
  if (moved.count === 0) return null;
  const rows = moved.first.map(({ id, before, after }) => [id, before, after]);
  return html`<div class="notice bad"><h2>${counted(moved.count, 'record')} moved between splits</h2><p>Figures of the two can’t be compared: what one held out the other may have trained on. Did the seed, the shares of data.split or the groups change?</p>${table(['Record', 'Before', 'After'], rows)}${more(moved)}</div>`;
}

function sections({ figures, parts, added, removed, changed, fates }: DatasetDiff): Section[] {
  const placed = (kept: typeof added) =>
    listed(kept, ['Record', 'Split', 'Answer'], ({ id, split, answer }) => [id, split, answer]);
  const partNames = Object.entries(parts).filter(([, records]) => records > 0);
  return [
    section('figures', 'Figures', figureTable(figures)),
    section('changed', 'Changed records', [
      html`<p class="note">${partNames.map(([part, records]) => `${part === 'rest' ? 'group, kind and the like' : part}: ${count(records)}. `)}</p>`,
      listed(changed, ['Record', 'What', 'Answer before', 'Answer after'], ({ id, parts: of, before, after }) => [
        id,
        of.join(', '),
        before,
        after,
      ]),
    ]),
    section(
      'fates',
      'Rows with another fate',
      listed(fates, ['Row', 'Before', 'After'], ({ row, before, after }) => [row, before, after]),
    ),
    section('added', 'Added records', placed(added)),
    section('removed', 'Removed records', placed(removed)),
  ];
}

function section(id: string, heading: string, content: Section['content']): Section {
  return { id, heading, short: heading, lead: null, content, empty: '' };
}

function figureTable(figures: DatasetDiff['figures']): Html {
  const rows = figures.map(({ name, one, other }) => {
    const difference = other - one;
    const sign = difference > 0 ? `+${count(difference)}` : difference < 0 ? `−${count(-difference)}` : '';
    return [name, count(one), count(other), sign];
  });
  return table(['Figure', 'Before', 'After', 'Difference'], rows, 'numbers');
}

function listed<Item>(kept: Kept<Item>, head: string[], cells: (item: Item) => string[]): Html {
  if (kept.count === 0) return nothing('None.');
  return html`${table(head, kept.first.map(cells))}${more(kept)}`;
}

function more({ count: all, first }: Kept<unknown>): Html | null {
  return all > first.length ? html`<p class="note">The first ${count(first.length)} of ${count(all)}.</p>` : null;
}
