/** Pictures, inputs and the activities of captioning, without Temporal. */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type CaptionedWindow,
  type CaptionWindowInput,
  captionWindow,
} from '../../../activities/captions/captionWindow.js';
import type { Finished } from '../../../activities/captions/finish.js';
import { createCaptionListActivities, type Listing } from '../../../activities/captions/index.js';
import type { VlmDeps } from '../../../activities/vlm/deps.js';
import { pictureOf } from '../../../bench/lib/captionPictures.js';
import { CaptionInput } from '../../../config/captioning.js';
import type { LedgerRow } from '../../../config/records.js';
import { depsOf } from '../vlm/builders.js';

/** Twenty words and more, and unlike any other. */
export function captionText(about: string): string {
  return (
    `A field of small coloured blocks, named ${about}, fills the whole picture; lighter ones lie above, darker ones ` +
    'below, and a thin line divides them near the middle.'
  );
}

export async function makeRoot(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'anneal captions-'));
}

/** Writes files below `root/photos`; a number is a picture of its own. */
export async function photos(root: string, files: Record<string, number | string | Buffer>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, 'photos', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'number' ? pictureOf(content, 16) : content);
  }
}

export function numbered(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, number) => [`${number}.png`, number]));
}

export function inputOf(over: Partial<Parameters<typeof CaptionInput.parse>[0] & object> = {}): CaptionInput {
  const endpoint = { baseUrl: 'http://127.0.0.1:9/v1', model: 'stand-in' };
  return CaptionInput.parse({ images: 'photos', endpoint, ...over });
}

export function listActivities(root: string) {
  return createCaptionListActivities({
    root,
    packageFolder: root,
    heartbeat: () => undefined,
    searchAttributesRegistered: async () => false,
  });
}

export interface Captioned {
  listing: Listing;
  windows: CaptionedWindow[];
  finished: Finished;
  ledger: LedgerRow[];
  captions: Record<string, unknown>[];
}

export function windowInput(run: string, input: CaptionInput, listing: Listing, window: number): CaptionWindowInput {
  const { folderUri, answersUri, ask, endpoint } = listing;
  if (!endpoint) throw new Error('This input has no endpoint.');
  return { run, folderUri, answersUri, window, endpoint, ask, concurrency: input.concurrency };
}

/** The whole of a captioning in this process: list, each window, finish. */
export async function captionAll(
  root: string,
  input: CaptionInput,
  { run = 'run-1', deps = {} }: { run?: string; deps?: Partial<VlmDeps> } = {},
): Promise<Captioned> {
  const { listPictures, finishCaptions } = listActivities(root);
  const listing = await listPictures({ input, run });
  const windows: CaptionedWindow[] = [];
  for (let window = 0; window < listing.windows; window += 1)
    windows.push(await captionWindow(depsOf(deps), windowInput(run, input, listing, window)));
  const { folderUri, answersUri, windows: count, pictures, root: from, ask, endpoint } = listing;
  if (!endpoint) throw new Error('This input has no endpoint.');
  const { filters, licence } = input;
  const common = { run, folderUri, answersUri, windows: count, pictures, root: from, ask };
  const finished = await finishCaptions({ ...common, endpoint, filters, licence });
  const folder = path.dirname(finished.captionsFile);
  const ledger = (await readLines(path.join(folder, 'ledger.jsonl'))) as unknown as LedgerRow[];
  return { listing, windows, finished, ledger, captions: await readLines(finished.captionsFile) };
}

export async function readLines(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Fate and reason by the picture's name. */
export function fatesOf(ledger: readonly LedgerRow[]): Record<string, string> {
  return Object.fromEntries(
    ledger.map(({ id, fate, reason }) => [path.basename(id ?? ''), reason === null ? fate : `${fate}: ${reason}`]),
  );
}
