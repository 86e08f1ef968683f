/** The page that lists all runs, from their report.json. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ReportFacts } from '../../config/report.js';
import { readIfThere, unlessMissing } from '../processes/there.js';
import { duration, moment, secondsBetween } from './format.js';
import { pageOf } from './frame.js';
import { type Html, html } from './html.js';
import { isOpen, stateWords, stepWord } from './words.js';

const Head = z.object({
  ...ReportFacts.pick({ state: true, verdict: true, step: true, startedAt: true, updatedAt: true }).shape,
  recipe: z.object({ task: z.object({ name: z.string() }) }).nullable(),
});
type Head = z.infer<typeof Head>;

interface ListedRun {
  run: string;
  /** null where no report was written yet, or what was written is none. */
  head: Head | null;
}

export async function runListPage(root: string): Promise<string> {
  const runs = await listRuns(root);
  const list = html`<ul class="runs">${runs.map(entry)}</ul>`;
  const none = html`<p class="nothing">No run has been started here yet.</p>`;
  const content = html`<header><p class="crumb"><span class="brand">Anneal</span></p><h1>Runs</h1></header>
<section>${runs.length > 0 ? list : none}</section>`;
  const refresh = runs.some(({ head }) => head !== null && isOpen(head.state));
  return pageOf({ title: 'Anneal: runs', refresh }, content);
}

/** The newest first; runs without a report before them, for they have only begun. */
async function listRuns(root: string): Promise<ListedRun[]> {
  const entries = (await unlessMissing(readdir(root, { withFileTypes: true }))) ?? [];
  const folders = entries.filter((each) => each.isDirectory());
  const runs = await Promise.all(folders.map(async ({ name }) => ({ run: name, head: await readHead(root, name) })));
  const begun = ({ head }: ListedRun) => (head ? Date.parse(head.startedAt) : Number.POSITIVE_INFINITY);
  return runs.sort((left, right) => (begun(left) === begun(right) ? 0 : begun(right) - begun(left)));
}

async function readHead(root: string, run: string): Promise<Head | null> {
  try {
    return Head.safeParse(await readIfThere(path.join(root, run, 'report.json'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function entry({ run, head }: ListedRun): Html {
  if (!head)
    return html`<li class="card"><p class="where"><code>${run}</code></p><p class="nothing">No report yet.</p></li>`;
  const { sign, word } = stateWords[head.state];
  const seconds = secondsBetween(head.startedAt, head.updatedAt);
  const facts = [
    moment(head.startedAt),
    ...(seconds === null ? [] : [duration(seconds)]),
    ...(isOpen(head.state) ? [stepWord(head.step)] : []),
  ];
  return html`<li><a class="card" href="/runs/${encodeURIComponent(run)}/"><p class="crumb"><span class="brand">${head.recipe?.task.name ?? run}</span> <span class="badge ${head.state}"><span aria-hidden="true">${sign}</span> ${word}</span></p><p>${head.verdict}</p><p class="facts">${facts.join(' · ')} · <code>${run}</code></p></a></li>`;
}
