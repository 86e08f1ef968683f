/** Captions of pictures by a model behind an endpoint: the capability behind the workflow `captionImages` (R12, R13). */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { CaptionInput } from '../../config/captioning.js';
import { presets } from '../../config/presets.js';
import { problem } from '../../config/problems.js';
import type { Endpoint } from '../../config/serving.js';
import { unlessMissing } from '../processes/there.js';
import { toUri } from '../storage/files.js';
import type { VlmDeps } from '../vlm/deps.js';
import { type Ask, folderIdentity } from './ask.js';
import { type CaptionedWindow, type CaptionWindowInput, captionWindow } from './captionWindow.js';
import { type Finished, type FinishInput, finishCaptions } from './finish.js';
import { listIntoWindows } from './listing.js';

export interface CaptionDeps {
  /** Folder that paths of an input are relative to. */
  root: string;
  /** The package's own folder: the embedded model lies in it. */
  packageFolder: string;
  /** Told about progress at most once a second. May throw to end the work. */
  heartbeat(details: unknown): void;
  searchAttributesRegistered(): Promise<boolean>;
}

/** Everything that a run of captioning goes by, fixed when it begins. */
export interface Listing {
  folderUri: string;
  answersUri: string;
  datasetsUri: string;
  root: string;
  pictures: number;
  windows: number;
  ask: Ask;
  /** null where a model of ours is to be served. */
  endpoint: Endpoint | null;
  /** URI of that model's folder. */
  modelUri: string | null;
  searchAttributes: boolean;
}

const heartbeatMilliseconds = 1000;

/** Listing and finishing: disk and a little CPU. */
export function createCaptionListActivities(deps: CaptionDeps) {
  return {
    /** The first activity of a run: finds the pictures and lists them into windows. Bad input is refused here. */
    async listPictures({ input, run }: { input: CaptionInput; run: string }): Promise<Listing> {
      const into = path.resolve(deps.root, input.into);
      const folder = path.join(into, 'captions', run);
      await mkdir(folder, { recursive: true });
      const { ask, endpoint, modelUri } = await askOf(input, deps);
      const { pictures, windows, root } = await listIntoWindows({
        named: [input.images].flat(),
        from: deps.root,
        ask,
        folder,
        windowSize: input.windowSize,
        limit: input.limit,
        heartbeat: progress(deps.heartbeat, `${input.name}, listing`),
      });
      return {
        folderUri: toUri(folder),
        answersUri: toUri(answersRoot(into)),
        datasetsUri: toUri(path.join(into, 'datasets')),
        root,
        pictures,
        windows,
        ask,
        endpoint,
        modelUri,
        searchAttributes: await deps.searchAttributesRegistered(),
      };
    },
    /** The last: filters, captions.jsonl and the ledger. */
    finishCaptions: (input: FinishInput): Promise<Finished> =>
      finishCaptions(input, progress(deps.heartbeat, 'captions, filtering')),
  };
}
export type CaptionListActivities = ReturnType<typeof createCaptionListActivities>;

/** Asking: one window at a time. */
export function createCaptionWindowActivities(deps: VlmDeps) {
  // Pictures are decoded beside each other; libvips would take every core for one of them.
  sharp.cache(false);
  sharp.concurrency(1);
  return {
    /** Captions one window. Another attempt asks only for what is missing. */
    captionWindow: (input: CaptionWindowInput): Promise<CaptionedWindow> => captionWindow(deps, input),
  };
}
export type CaptionWindowActivities = ReturnType<typeof createCaptionWindowActivities>;

/** Where the answers of a project folder lie, whoever asked for them. */
export function answersRoot(into: string): string {
  return path.join(into, 'captions', 'answers');
}

/** Throws ModelInvalid where the folder of a model is none. */
export async function askOf(
  { endpoint, model, prompts, system, decoding, pictures }: CaptionInput,
  { root, packageFolder }: Pick<CaptionDeps, 'root' | 'packageFolder'>,
): Promise<{ ask: Ask; endpoint: Endpoint | null; modelUri: string | null }> {
  const common = { prompts, system, decoding, pictures };
  if (endpoint) {
    const asked = { ...endpoint, apiKeyVariable: endpoint.apiKeyVariable ?? null, server: null };
    return { ask: { model: endpoint.model, ...common }, endpoint: asked, modelUri: null };
  }
  const folder = model === 'tiny' ? path.join(packageFolder, presets.tiny.model) : path.resolve(root, model ?? '');
  if (!(await unlessMissing(stat(folder)))?.isDirectory())
    throw problem('ModelInvalid', {
      what: 'There is no model folder there.',
      where: folder,
      todo: 'Name the folder of a model, "tiny" for the embedded one, or an endpoint instead.',
    });
  return { ask: { model: await folderIdentity(folder), ...common }, endpoint: null, modelUri: toUri(folder) };
}

function progress(heartbeat: CaptionDeps['heartbeat'], source: string): (rows: number) => void {
  let last = 0;
  return (rows) => {
    if (Date.now() - last < heartbeatMilliseconds) return;
    last = Date.now();
    heartbeat({ stage: 'data', source, rows });
  };
}
