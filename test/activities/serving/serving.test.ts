import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import sharp from 'sharp';
import { endLocalProcesses, livingProcesses } from '../../../activities/processes/living.js';
import { createServingActivities } from '../../../activities/serving/index.js';
import { readJson, toUri } from '../../../activities/storage/files.js';
import type { Endpoint } from '../../../config/serving.js';
import { makeTinyModel } from '../tinyModel.js';
import { depsOf } from '../training/standIn.js';

let root: string;
let model: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'anneal-serving-'));
  model = path.join(root, 'model');
  await makeTinyModel(model);
}, 120_000);

afterAll(async () => {
  await endLocalProcesses(root, 'kill');
});

const serving = () => createServingActivities(depsOf().deps);
const specOf = (key: string, served = model) => ({ key, model: served, folder: toUri(path.join(root, key)) });

async function ask({ baseUrl, model }: Endpoint, temperature = 0): Promise<string | null | undefined> {
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const client = new OpenAI({ baseURL: baseUrl, apiKey: 'none', maxRetries: 0 });
  const answer = await client.chat.completions.create({
    model,
    max_tokens: 4,
    temperature,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: `data:image/png;base64,${picture.toString('base64')}` } },
          { type: 'text', text: 'Which colour is it?' },
        ],
      },
    ],
  });
  return answer.choices[0]?.message.content;
}

describe('startServing', () => {
  it('serves a model, once a key, until it is stopped', async () => {
    const spec = specOf('digits');
    const [endpoint, same] = await Promise.all([serving().startServing(spec), serving().startServing(spec)]);
    expect(same).toEqual(endpoint);
    expect(endpoint).toMatchObject({
      server: 'digits',
      baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
    });
    expect(typeof (await ask(endpoint))).toBe('string');
    expect(await livingProcesses(root)).toMatchObject([{ kind: 'server' }]);
    expect(await serving().startServing(spec)).toEqual(endpoint);
    await expect(serving().startServing(specOf('digits', root))).rejects.toMatchObject({
      problem: { type: 'PlanRefused', what: expect.stringContaining(model) },
    });

    await endLocalProcesses(root, 'kill');
    const replaced = await serving().startServing(spec);
    expect(typeof (await ask(replaced))).toBe('string');
    expect(await livingProcesses(root)).toHaveLength(1);

    await serving().stopServing(spec);
    await serving().stopServing(spec);
    expect(await livingProcesses(root)).toEqual([]);
    await expect(fetch(`${replaced.baseUrl}/models`)).rejects.toThrow();
  }, 180_000);

  it('draws answers at a temperature above 0, though the model’s own settings are greedy', async () => {
    const spec = specOf('drawn');
    const endpoint = await serving().startServing(spec);
    const answersAt = async (temperature: number) => {
      const answers: unknown[] = [];
      for (let drawn = 0; drawn < 12; drawn++) answers.push(await ask(endpoint, temperature));
      return new Set(answers).size;
    };
    expect(await answersAt(0)).toBe(1);
    expect(await answersAt(2)).toBeGreaterThan(1);
    expect(await readJson(path.join(model, 'generation_config.json'))).toMatchObject({ do_sample: false });
    await serving().stopServing(spec);
  }, 120_000);

  it('says with the words of its log why a server ended early', async () => {
    const empty = path.join(root, 'empty');
    await mkdir(empty);
    await writeFile(path.join(empty, 'config.json'), '{}');
    await expect(serving().startServing(specOf('broken', empty))).rejects.toMatchObject({
      problem: { type: 'ServingFailed', what: expect.stringMatching(/ended before it offered its model: .+/s) },
    });
  }, 120_000);

  it('ends its server when it is cancelled while the model loads', async () => {
    const { deps, interrupt } = depsOf();
    const starting = createServingActivities(deps).startServing(specOf('cancelled'));
    setTimeout(() => interrupt('cancelRequested'), 500);
    await expect(starting).rejects.toThrow('cancelRequested');
    expect(await livingProcesses(root)).toEqual([]);
  }, 30_000);
});
