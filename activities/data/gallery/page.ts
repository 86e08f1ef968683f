/** The gallery: one file with its data in it, beside the pictures. Pure: a view in, HTML out. */
import { counted } from '../../report/format.js';
import { pageOf } from '../../report/frame.js';
import { html } from '../../report/html.js';
import { drawSection } from '../../report/sections/parts.js';
import { answersSection, cardsSection, groupSections, rowsSection, sizesSection } from './sections.js';
import { galleryStyle } from './style.js';
import type { GalleryView } from './view.js';

/** `client` is the script that draws and filters the cards. */
export function galleryPage(view: GalleryView, client: string): string {
  const { name, manifest, total, fates, rows, conflicts, lookAlikes, odd, glance } = view;
  const sections = [
    rowsSection(view),
    answersSection(view),
    sizesSection(view),
    ...groupSections(view),
    cardsSection(view),
  ];
  const links = sections.map(({ id, short }) => html`<a href="#${id}">${short}</a> `);
  const groups = { conflicts: conflicts.groups, lookAlikes: lookAlikes.groups, odd, glance };
  return pageOf(
    {
      title: `${name}: dataset`,
      refresh: false,
      style: galleryStyle,
      script: { text: client, data: { rows, groups } },
    },
    [
      html`<header><p class="crumb"><span class="brand">Anneal</span><span class="task">${name}</span></p>
<h1>${counted(fates.used, 'record')} of ${counted(total, 'row')}, with ${counted(manifest.counts.images, 'picture')}</h1>
<p class="meta"><span>digest <code>${manifest.digest.slice(0, 16)}</code></span></p><div class="glance" id="glance"></div></header>`,
      html`<nav aria-label="Contents">${links}</nav>\n`,
      ...sections.map(drawSection),
      html`<footer><p>One line for every row: <code>ledger.jsonl</code> beside this file. Figures: <code>manifest.json</code>.</p></footer>`,
    ],
  );
}
