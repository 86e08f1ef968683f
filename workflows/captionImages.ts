import { CancellationScope, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Listing } from '../activities/captions/index.js';
import { CaptionInput, type CaptionResult, exampleCaptionInput } from '../config/captioning.js';
import type { Captioned } from '../config/progress.js';
import type { DatasetRef } from '../config/records.js';
import type { Endpoint } from '../config/serving.js';
import { RecipeSettings } from '../config/settings.js';
import { CaptionBook, captionProgressQuery } from './captions/book.js';
import { captionVerdict } from './captions/verdict.js';
import { parseInput, rethrowRoot } from './failures.js';
import { data, vlm, vlmServed } from './proxies.js';
import { ownRunName } from './run/runName.js';
import { servingMeanwhile } from './run/serving.js';

/** Windows of one part of a captioning: six events a window, and Temporal wants a new part from 4,096 on. */
const windowsPerPart = 500;

/** What one part of a captioning hands to the next. */
export interface CaptionState {
  listing: Listing;
  /** The first window that is not captioned yet. */
  next: number;
  captioned: Captioned;
}

/**
 * R12, R13: captions of pictures by an existing model, in windows, and one dataset of them. Takes one object, CaptionInput;
 * `goesOn` is what a part of a long captioning hands to the next. The same input again asks only for what is missing.
 */
export async function captionImages(input?: CaptionInput, goesOn?: CaptionState): Promise<CaptionResult> {
  const run = ownRunName();
  const book = new CaptionBook(run, goesOn?.captioned);
  setHandler(captionProgressQuery, () => book.progress(), { description: 'Step, windows, answers. No argument.' });
  const wish = parseInput(CaptionInput, input, exampleCaptionInput);
  const captioning = { run, wish, book };
  const state = await told(book, () => askPart(captioning, goesOn));
  if (state.next < state.listing.windows) return continueAsNew<typeof captionImages>(wish, state);
  return told(book, () => finish(captioning, state));
}

interface Captioning {
  run: string;
  wish: CaptionInput;
  book: CaptionBook;
}

/** Ends with the root's words, which the details show too. */
async function told<Result>(book: CaptionBook, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    book.closeFailed(error);
    return rethrowRoot(error);
  }
}

/** Lists the pictures where that is not done, and captions as many windows as one history should hold. */
async function askPart({ run, wish, book }: Captioning, goesOn: CaptionState | undefined): Promise<CaptionState> {
  const listing = goesOn?.listing ?? (await data.listPictures({ input: wish, run }));
  const from = goesOn?.next ?? 0;
  const model = listing.endpoint?.model ?? wish.model ?? '';
  book.begin(listing, listing.searchAttributes ? { name: wish.name, model: model.slice(-200) } : null);
  book.enter('caption', `${listing.pictures} pictures are listed in ${listing.windows} windows.`);
  const ask = (endpoint: Endpoint) => captionWindows({ run, wish, book }, listing, { from, endpoint });
  const { endpoint, modelUri, folderUri } = listing;
  const served = { key: `${run}/captions`, folder: `${folderUri}/serving`, model: modelUri ?? '' };
  const next = endpoint ? await ask(endpoint) : await servingMeanwhile(served, ask);
  return { listing, next, captioned: book.captioned };
}

/** Returns the first window that is left. The first error cancels the other windows, and is thrown when they have ended. */
async function captionWindows(
  { run, wish, book }: Captioning,
  { windows, folderUri, answersUri, ask }: Listing,
  { from, endpoint }: { from: number; endpoint: Endpoint },
): Promise<number> {
  const end = Math.min(windows, from + windowsPerPart);
  const lanes = Math.min(wish.windowsAtOnce, end - from);
  const concurrency = Math.max(1, Math.ceil(wish.concurrency / Math.max(1, lanes)));
  const asker = endpoint.server === null ? vlm : vlmServed;
  let next = from;
  const lane = async () => {
    while (next < end && !workflowInfo().continueAsNewSuggested) {
      const window = next;
      next += 1;
      const common = { run, folderUri, answersUri, endpoint, ask, concurrency };
      book.took(window, await asker.captionWindow({ ...common, window }));
    }
  };
  await new CancellationScope().run(async () => {
    const running = Array.from({ length: lanes }, lane);
    try {
      await Promise.all(running);
    } catch (error) {
      CancellationScope.current().cancel();
      await Promise.allSettled(running);
      throw error;
    }
  });
  return next;
}

async function finish({ run, wish, book }: Captioning, { listing }: CaptionState): Promise<CaptionResult> {
  const { folderUri, answersUri, windows, pictures, root, ask } = listing;
  book.begin(listing, listing.searchAttributes ? { name: wish.name, model: ask.model.slice(-200) } : null);
  book.enter('finish', 'The captions are being filtered.');
  const endpoint = listing.endpoint ?? { baseUrl: '', model: wish.model ?? '', apiKeyVariable: null, server: 'local' };
  const { filters, licence } = wish;
  const common = { run, folderUri, answersUri, windows, pictures, root, ask };
  const { counts, captionsFile } = await data.finishCaptions({ ...common, endpoint, filters, licence });
  book.enter('dataset', `${counts.used} captions passed; the dataset is being built.`);
  const dataset = counts.used === 0 ? null : await buildFrom(captionsFile, wish, listing);
  const verdict = captionVerdict(counts, dataset);
  book.close(verdict);
  const { received, reused, interrupted, promptTokens, completionTokens } = book.captioned;
  const calls = { received, reused, interrupted, promptTokens, completionTokens };
  return { run, verdict, folderUri, counts, calls, dataset };
}

/** Limits of the widest model of the family: a task that uses the captions has its own, and checks them by those. */
const widest = { patch: 16, merge: 2, minimumPixels: 65_536, maximumPixels: 16_777_216, contextTokens: 262_144 };

/** The captions as any other records: read, checked, split and stored by the import. */
function buildFrom(captionsFile: string, wish: CaptionInput, { root, datasetsUri }: Listing): Promise<DatasetRef> {
  const { maximumPixels, maximumAspect } = wish.pictures;
  const limits = { maximumPixels, maximumAspect, maximumTokens: widest.contextTokens };
  return data.buildDatasetFolder({
    source: {
      name: wish.name,
      files: [{ path: captionsFile }],
      root,
      format: 'jsonl',
      fields: { id: 'id', image: 'image', question: 'question', answer: 'answer' },
      question: null,
      answer: { kind: 'text', ignoreCase: true },
      unanswered: 'declared',
    },
    model: widest,
    settings: RecipeSettings.parse({ data: limits }).data,
    seed: wish.seed,
    into: datasetsUri,
  });
}
