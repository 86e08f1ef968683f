/** One arm of the bench as a process of its own: `tsx bench/build/arm.ts build|sharp FOLDER INTO`. Prints JSON lines. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pMap from 'p-map';
import sharp from 'sharp';
import { createDatasetActivities } from '../../activities/data/index.js';
import { pngOptions } from '../../activities/data/pictures/decodePicture.js';
import { readJsonLines, toUri } from '../../activities/storage/files.js';
import { RecipeSettings } from '../../config/settings.js';

const [arm = '', folder = '', into = ''] = process.argv.slice(2);
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** The whole build, as the data worker runs it. */
async function build(): Promise<string> {
  const { buildDatasetFolder } = createDatasetActivities({ heartbeat: (details) => say({ heartbeat: details }) });
  const { digest } = await buildDatasetFolder({
    source: {
      name: 'bench',
      files: [{ path: path.join(folder, 'records.jsonl') }],
      root: folder,
      format: 'auto',
      fields: { id: 'id', image: 'image', question: 'question', answer: 'answer' },
      question: null,
      answer: { kind: 'text', ignoreCase: true },
      unanswered: 'declared',
    },
    model: { patch: 16, merge: 2, minimumPixels: 128 * 128, maximumPixels: 128 * 128, contextTokens: 2048 },
    settings: RecipeSettings.parse({}).data,
    seed: 1,
    into: toUri(into),
  });
  return digest;
}

/** The picture work alone: read, decode upright as sRGB on white, hash the pixels, encode, write. */
async function sharpLoop(): Promise<string> {
  sharp.cache(false);
  sharp.concurrency(1);
  const images: string[] = [];
  for await (const record of readJsonLines(path.join(folder, 'records.jsonl')))
    images.push((record as { image: string }).image);
  await mkdir(into, { recursive: true });
  const bake = async (image: string) => {
    const bytes = await readFile(path.join(folder, image));
    const decoded = sharp(bytes).autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb').raw();
    const { data, info } = await decoded.toBuffer({ resolveWithObject: true });
    const digest = createHash('sha256').update(data).digest('hex');
    const raw = { width: info.width, height: info.height, channels: 3 as const };
    await writeFile(path.join(into, `${digest}.png`), await sharp(data, { raw }).png(pngOptions).toBuffer());
  };
  await pMap(images, bake, { concurrency: 8 });
  return String(images.length);
}

const [began, cpuBegan] = [performance.now(), process.cpuUsage()];
const result = arm === 'build' ? await build() : await sharpLoop();
const { user, system } = process.cpuUsage(cpuBegan);
say({ result, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 });
