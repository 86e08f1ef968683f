/**
 * Reports of runs that were made on other machines, brought from their store. Only reads the store: neither a key that may
 * write nor the workers' path of the project folder is needed. What is here stays, unless the store's was written later.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pMap from 'p-map';
import { z } from 'zod';
import { isThere, unlessMissing } from '../processes/there.js';
import type { Mirror } from '../storage/mirror.js';

/** Runs that are looked at beside each other. */
const runsAtOnce = 8;

const Written = z.object({ updatedAt: z.iso.datetime() });

/** Brings report.json of every run; `runs` is the folder of the runs' folders. */
export async function bringReports(mirror: Mirror, runs: string): Promise<void> {
  const names = await mirror.foldersIn(runs);
  await pMap(names, (name) => bringReport(mirror, path.join(runs, name)), { concurrency: runsAtOnce });
}

/** Brings report.html of a run too. */
export async function bringPage(mirror: Mirror, folder: string): Promise<void> {
  await bringReport(mirror, folder);
  await mirror.bringAbsent(path.join(folder, 'report.html'));
}

/** A page that is here goes with its figures. Both are sent page first, so a page in the store is never older than they. */
async function bringReport(mirror: Mirror, folder: string): Promise<void> {
  const file = path.join(folder, 'report.json');
  const page = path.join(folder, 'report.html');
  const there = await mirror.textThatDiffers(file);
  if (there === null) return;
  const here = await unlessMissing(readFile(file, 'utf8'));
  if (here !== null && writtenAt(here) >= writtenAt(there)) return;
  if (await isThere(page)) await mirror.bring(page);
  await mirror.bring(file);
}

function writtenAt(report: string): number {
  return Date.parse(Written.parse(JSON.parse(report)).updatedAt);
}
