/** Where every row went: counts that add up, or a word that they don't. */
import path from 'node:path';
import { type DatasetManifest, type DatasetRef, splitNames } from '../../../config/records.js';
import { toPath } from '../../storage/files.js';
import { count, counted, percent, words } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportView } from '../view.js';
import { checksTable } from './dataChecks.js';
import { nothing, type Section, table } from './parts.js';

export function data({ facts: { business, generic }, details: { manifests } }: ReportView): Section {
  return {
    id: 'data',
    heading: 'Data',
    short: 'Data',
    lead: 'Every row that was read is used, merged with its double, or left with a reason.',
    empty: 'No dataset was built.',
    content: business
      ? [
          dataset('Business data', business, manifests.business),
          generic ? dataset('Generic data', generic, manifests.generic) : null,
        ]
      : null,
  };
}

function dataset(heading: string, ref: DatasetRef, manifest: DatasetManifest | null): Html {
  const { read } = ref;
  const parts = fatesOf(ref);
  const shares = (part: number) => (read > 0 ? (part / read) * 100 : 0);
  return html`<article class="card"><h3>${heading}</h3>
<p class="sum"><span><b>${count(read)}</b> read</span> ${parts.map(({ word, rows }, index) => html`${index === 0 ? '=' : '+'} <span><b>${count(rows)}</b> ${word}</span> `)}${adds(
    read,
    parts.reduce((sum, { rows }) => sum + rows, 0),
  )}</p>
<div class="bar" aria-hidden="true">${parts.map(({ name, rows }) => html`<i class="${name}" style="width:${shares(rows)}%"></i>`)}</div>
<div class="beside">${splits(ref)}${reasons(ref, manifest)}</div>
${manifest ? checksTable(manifest) : null}
${remarks(ref, manifest)}
<p class="note">One line for every row: <code>${path.join(toPath(ref.uri), 'ledger.jsonl')}</code> · digest <code>${ref.digest}</code></p></article>`;
}

/** Waiting rows and those left out are named only where there are some. */
function fatesOf({ used, merged, rejected, waiting = 0, leftOut = 0 }: DatasetRef) {
  return [
    { name: 'used', word: 'used', rows: used },
    { name: 'merged', word: 'merged', rows: merged },
    { name: 'rejected', word: 'rejected', rows: rejected },
    ...(waiting > 0 ? [{ name: 'waiting', word: 'waiting for an answer', rows: waiting }] : []),
    ...(leftOut > 0 ? [{ name: 'leftOut', word: 'left out', rows: leftOut }] : []),
  ];
}

function adds(whole: number, parts: number): Html {
  if (whole === parts) return html`<em class="fits">✓ adds up</em>`;
  return html`<em class="misfit">✕ ${counted(Math.abs(whole - parts), 'row')} unaccounted for</em>`;
}

function splits({ bySplit, used }: DatasetRef): Html {
  const about = {
    train: 'trained on',
    dev: 'chooses prompts',
    validation: 'steers training',
    test: 'read once a decision',
  };
  const parts = splitNames.map((name) => ({ name, rows: bySplit[name] ?? 0 }));
  const sum = parts.reduce((total, { rows }) => total + rows, 0);
  const rows = parts.map(({ name, rows: amount }) => [
    html`${name} <small>${about[name]}</small>`,
    count(amount),
    percent(used > 0 ? amount / used : 0),
  ]);
  return table(
    ['Split', 'Records', 'Share'],
    [...rows, [html`all used ${adds(used, sum)}`, count(sum), '']],
    'numbers total',
  );
}

function reasons(ref: DatasetRef, manifest: DatasetManifest | null): Html {
  const { merged, waiting = 0 } = ref;
  const left = ref.read - ref.used;
  if (left === 0) return nothing('Every row is used.');
  if (!manifest) return nothing(`${counted(left, 'row')} not used; the manifest that says why could not be read.`);
  const fates: [string, number][] = [
    ['sameImageQuestionAnswer', merged],
    ['answerWaiting', waiting],
  ];
  const entries = [...fates, ...Object.entries(manifest.counts.byReason)]
    .filter(([, rows]) => rows > 0)
    .sort(([, one], [, other]) => other - one);
  const sum = entries.reduce((total, [, rows]) => total + rows, 0);
  const rows = entries.map(([reason, amount]) => [words(reason), count(amount)]);
  return table(['Reason', 'Rows'], [...rows, [html`all not used ${adds(left, sum)}`, count(sum)]], 'numbers total');
}

function remarks({ notes, questions }: DatasetRef, manifest: DatasetManifest | null): Html | null {
  const repairs = Object.entries(manifest?.counts.repairs ?? {}).map(
    ([what, rows]) => `${words(what)}: ${counted(rows, 'row')} repaired.`,
  );
  const sources = (manifest?.sources ?? []).map(
    ({ path: file, format, rows }) => `${file} (${format}, ${counted(rows, 'row')})`,
  );
  const lines = [...sources, ...questions, ...notes, ...repairs];
  return lines.length > 0 ? html`<ul class="notes">${lines.map((line) => html`<li>${line}</li>`)}</ul>` : null;
}
