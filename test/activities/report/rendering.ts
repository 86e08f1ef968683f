/** Renders a run's report from files in a temporary folder, as the activity does. */
import { mkdtemp, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ReportDetails } from '../../../activities/report/details.js';
import { createReportActivities } from '../../../activities/report/index.js';
import { renderHtml } from '../../../activities/report/page.js';
import { toPath } from '../../../activities/storage/files.js';
import type { ReportFacts } from '../../../config/report.js';
import { doneFacts } from './facts.js';
import type { Places } from './places.js';
import { placesIn } from './places.js';

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), 'anneal-report-'));
}

export interface Rendered {
  reportUri: string;
  html: string;
  json: string;
  warnings: string[];
}

export async function render(facts: ReportFacts, folder: string): Promise<Rendered> {
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
  const { renderReport } = createReportActivities({ heartbeat: () => undefined, log });
  const { reportUri } = await renderReport({ folder, facts });
  const html = await readFile(toPath(reportUri), 'utf8');
  const json = await readFile(path.join(toPath(folder), 'report.json'), 'utf8');
  return { reportUri, html, json, warnings };
}

export const noDetails: ReportDetails = {
  manifests: { business: null, generic: null },
  examples: { before: [], after: [] },
  curves: [],
  unread: [],
};

/** The page of a finished run, without any file: what is not given is as in `doneFacts`. */
export function pageOf(
  changes: (places: Places) => Partial<ReportFacts>,
  details: Partial<ReportDetails> = {},
): string {
  const places = placesIn('/nowhere');
  const facts = { ...doneFacts(places), ...changes(places) };
  return renderHtml({ facts, details: { ...noDetails, ...details }, pictures: new Map() });
}

/** The text of a page or a part of it, without tags, entities resolved. */
export function textOf(html: string): string {
  return html
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(
      /&(lt|gt|quot|#39|amp);/g,
      (_, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[name] ?? '',
    )
    .replace(/[\s\u00a0]+/g, ' ');
}

/** The HTML of one section. */
export function sectionOf(html: string, id: string): string {
  return html.match(new RegExp(`<section id="${id}">[\\s\\S]*?</section>`))?.[0] ?? '';
}
