/** Key figures, before → after: is the task solved, and what did it cost in general ability. */
import type { Parity, ReportFacts } from '../../../config/report.js';
import { type Comparison, drawIntervals } from '../charts/intervals.js';
import { count, counted, interval, percent, points } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportView } from '../view.js';
import { blindTable, figureTable, formatTable, sliceTable } from './figureTable.js';
import type { Section } from './parts.js';

export function figures({ facts }: ReportView): Section {
  const { before, after, parity } = facts;
  return {
    id: 'figures',
    heading: 'Key figures',
    short: 'Figures',
    lead: null,
    empty: 'Nothing was measured.',
    content:
      before.business || after.business
        ? [
            html`<div class="tiles">${comparisonsOf(facts).map(tile)}</div>`,
            html`<div class="beside"><div class="stack">${chart(facts)}${parity ? parityNote(parity) : null}${scoreNote}</div>${figureTable(before, after)}</div>`,
            sliceTable(before.business, after.business),
            formatTable(facts.formats ?? null),
            blindTable(after.business, facts.blind ?? null),
          ]
        : null,
  };
}

interface Tile extends Comparison {
  about: string;
  /** What the change means; null where there is none yet. */
  note: string | null;
}

function comparisonsOf({ before, after, recipe }: ReportFacts): Tile[] {
  const { score: aim = null, formatValidity: formatAim = null } = recipe?.task.target ?? {};
  const [was, now] = [before.business, after.business];
  const score = { before: was?.score ?? null, after: now?.score ?? null, target: aim };
  const validity = { before: was?.validity ?? null, after: now?.validity ?? null, target: formatAim };
  const generic = { before: before.generic?.score ?? null, after: after.generic?.score ?? null, target: null };
  const kept =
    generic.before && generic.after && generic.before.mean > 0 ? generic.after.mean / generic.before.mean : null;
  const tiles: Tile[] = [
    { name: 'Business score', about: 'right answers on held-out data', ...score, note: targetNote(score) },
    {
      name: 'Generic score',
      about: 'general ability',
      ...generic,
      note: kept === null ? null : `${percent(kept)} of it kept`,
    },
    { name: 'Format validity', about: 'answers in the wanted form', ...validity, note: targetNote(validity) },
  ];
  return tiles.filter((each) => each.before || each.after);
}

function targetNote({ before, after, target }: Pick<Comparison, 'before' | 'after' | 'target'>): string | null {
  const now = after ?? before;
  if (target === null || !now) return null;
  const said = now.lower >= target ? 'met' : now.upper < target ? 'missed' : 'within the interval';
  return `target ${percent(target)}: ${said}`;
}

function tile({ name, about, before, after, note }: Tile): Html | null {
  const now = after ?? before;
  if (!now) return null;
  const both = before && after;
  const was = both
    ? html`<span class="before">${percent(before.mean)}</span><span class="arrow" aria-label="to">→</span>`
    : null;
  const under = [
    interval(now),
    ...(both ? [`${points(after.mean - before.mean)} points`] : []),
    ...(note ? [note] : []),
  ];
  return html`<div class="tile"><h3>${name} <small>${about}</small></h3><p class="big">${was}<span class="figure">${percent(now.mean)}</span></p><p class="under">${under.map((each) => html`<span>${each}</span> `)}</p></div>`;
}

function chart(facts: ReportFacts): Html {
  const legend = [
    facts.before.business ? html`<span><i class="dot hollow"></i>before</span>` : null,
    facts.after.business ? html`<span><i class="dot"></i>after</span>` : null,
    html`<span>bars: 95 % intervals</span>`,
  ];
  return html`<figure>${drawIntervals(comparisonsOf(facts))}<figcaption><p class="legend">${legend}</p></figcaption></figure>`;
}

function parityNote({ probes, agree, trainerScore, servedScore, firstDifference, merged }: Parity): Html {
  const share = percent(probes > 0 ? agree / probes : 0);
  const merging = merged
    ? ` Adapter and merged model agreed on ${count(merged.agree)} of ${count(merged.probes)}.${merged.firstDifference ? ` First difference: ${merged.firstDifference}` : ''}`
    : '';
  return html`<p class="note"><b>Served as trained:</b> trainer and server gave the same answer to ${count(agree)} of ${counted(probes, 'probe')} (${share}); they scored ${percent(trainerScore)} and ${percent(servedScore)}.${firstDifference ? ` First difference: ${firstDifference}` : ''}${merging}</p>`;
}

const scoreNote = html`<p class="note">A score counts answers that are right <em>and</em> in the wanted form; any other answer counts 0. In brackets: the 95 % interval (Wilson, on the effective number of items by group). Items that got no answer are excluded and counted, never scored.</p>`;
