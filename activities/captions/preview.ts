/** What a captioning would ask and what it would cost: from the pictures and the answers that are there. Asks nothing. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CaptionInput, CaptionPictures } from '../../config/captioning.js';
import { RowFault } from '../data/faults.js';
import { imageTokens } from '../data/pictures/imageTokens.js';
import { readHeader } from '../data/pictures/pictureHeader.js';
import { readJsonLines } from '../storage/files.js';
import { readAnswers } from './answers.js';
import { WindowLine } from './buckets.js';
import { answersFolder, rangeOf } from './captionWindow.js';
import { answersRoot, askOf, type CaptionDeps } from './index.js';
import { listIntoWindows, windowFile } from './listing.js';
import { importRules } from './pictureRules.js';

export interface CaptionPreview {
  pictures: number;
  /** Different ones, within the limit. */
  different: number;
  windows: number;
  /** Of the different ones: answers that are there. */
  answered: number;
  toAsk: number;
  /** Of a sample, by the formula of the Qwen-VL family; null where no picture of the sample can be read. */
  imageTokens: { sample: number; median: number; largest: number } | null;
  /** Answers to come, each as long as decoding allows. */
  completionTokensAtMost: number;
}

const sampleSize = 200;
/** Qwen3-VL as its makers ship it: patches of 16 pixels, merged two by two, 256 x 256 to 4096 x 4096. */
const qwen = { patch: 16, merge: 2, minimumPixels: 65_536, maximumPixels: 16_777_216 };

export async function previewCaptions(
  input: CaptionInput,
  { root, packageFolder, folder }: Pick<CaptionDeps, 'root' | 'packageFolder'> & { folder: string },
): Promise<CaptionPreview> {
  const { ask } = await askOf(input, { root, packageFolder });
  const { windowSize, limit, images } = input;
  const options = { named: [images].flat(), from: root, ask, folder, windowSize, limit, heartbeat: () => undefined };
  const { pictures, windows } = await listIntoWindows(options);
  const answers = answersFolder(answersRoot(path.resolve(root, input.into)), ask);
  const sample: string[] = [];
  let different = 0;
  let answered = 0;
  for (let window = 0; window < windows; window += 1) {
    const files = new Map<string, string>();
    for await (const value of readJsonLines(windowFile(folder, window))) {
      const { key, file } = WindowLine.parse(value);
      if (!files.has(key)) files.set(key, file);
    }
    const found = await readAnswers(answers, rangeOf([...files.keys()].map((key) => ({ key }))), '');
    different += files.size;
    for (const key of files.keys()) if (found.answers.has(key)) answered += 1;
    if (sample.length < sampleSize) sample.push(...files.values());
  }
  return {
    pictures,
    different,
    windows,
    answered,
    toAsk: different - answered,
    imageTokens: await tokensOf(sample.slice(0, sampleSize), input.pictures),
    completionTokensAtMost: (different - answered) * input.decoding.maximumTokens,
  };
}

async function tokensOf(files: readonly string[], limits: CaptionPictures): Promise<CaptionPreview['imageTokens']> {
  const tokens: number[] = [];
  for (const file of files) {
    const size = await sentSize(file, limits);
    if (size) tokens.push(imageTokens(size, qwen));
  }
  tokens.sort((one, other) => one - other);
  const [median, largest] = [tokens[Math.floor(tokens.length / 2)], tokens.at(-1)];
  return median === undefined || largest === undefined ? null : { sample: tokens.length, median, largest };
}

/** Width and height as sent; turned pictures have as many tokens. Null where it can't be used. */
async function sentSize(file: string, limits: CaptionPictures): Promise<{ width: number; height: number } | null> {
  try {
    const { width, height } = await readHeader(await readFile(file), importRules(limits));
    const shrink = Math.min(1, limits.longestSide / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * shrink)), height: Math.max(1, Math.round(height * shrink)) };
  } catch (error) {
    if (error instanceof RowFault) return null;
    throw error;
  }
}
