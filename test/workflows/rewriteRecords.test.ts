import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import { createDatasetActivities } from '../../activities/data/index.js';
import { createRewritePlanning } from '../../activities/recipe/rewrite.js';
import { createRewritingActivities } from '../../activities/rewriting/index.js';
import { writeJson } from '../../activities/storage/files.js';
import { createVlmActivities } from '../../activities/vlm/index.js';
import { RewriteProgress } from '../../config/progress.js';
import type { RewriteInput, RewriteResult } from '../../config/rewriting.js';
import { bounded } from '../../workers/boundary.js';
import { freshFolder, removeFreshFolders, tinyModel } from '../activities/data/build.js';
import { writeTask } from '../activities/rewriting/builders.js';
import { depsOf } from '../activities/vlm/builders.js';
import { ok, type Reply, StandIn } from '../activities/vlm/standIn.js';
import { type LocalTemporal, startLocalTemporal } from './localTemporal.js';

jest.setTimeout(240_000);

describe('rewriteRecords', () => {
  let temporal: LocalTemporal;

  beforeAll(async () => {
    temporal = await startLocalTemporal();
  });
  afterAll(async () => {
    await temporal.teardown();
    removeFreshFolders();
  });

  /** The real activities against an endpoint that answers by script; the task lies in the folder. */
  async function run(root: string, input: Partial<RewriteInput>, answer: () => Reply) {
    const server = new StandIn(answer);
    const baseUrl = await server.start();
    const model = { digest: 'd', architecture: 'a', ...tinyModel };
    const places = { root, packageFolder: root, modelInfo: async () => model };
    const activities = bounded({
      ...createRewritePlanning(places),
      ...createDatasetActivities({ heartbeat: () => undefined }),
      ...createVlmActivities(depsOf()),
      ...createRewritingActivities(depsOf()),
    });
    const args = [{ task: '.', endpoint: { baseUrl, model: 'stand-in' }, ...input }];
    try {
      return await temporal.run('rewriteRecords', { args, activities }, async (handle) => {
        const result = (await handle.result()) as RewriteResult;
        return { result, progress: RewriteProgress.parse(await handle.query('progress')), calls: server.calls };
      });
    } finally {
      await server.stop();
    }
  }

  async function taskFolder(): Promise<string> {
    const root = freshFolder();
    await writeTask(
      root,
      Array.from({ length: 12 }, (_, index) => ({ id: `r${index}`, answer: 'cat' })),
    );
    await writeJson(path.join(root, 'task.json'), {
      name: 'pets',
      records: ['records.jsonl'],
      answer: { kind: 'label', labels: ['cat', 'dog'] },
      target: { score: 0.9 },
      baseModel: '.',
      preset: 'tiny',
    });
    return root;
  }

  it.concurrent('goes from a task to the files of a review, in windows, and says how far it is', async () => {
    const root = await taskFolder();
    const { result, progress } = await run(root, { purpose: 'correct', windowRecords: 4 }, () => ok('dog'));
    expect(result.counts).toMatchObject({ read: 12, fates: { proposed: 12 }, calls: { answered: 36, lost: 0 } });
    expect(progress).toMatchObject({ stage: 'done', fates: { proposed: 12 } });
    expect(progress.windowsDone).toBeGreaterThan(1);
    expect(await readFile(new URL(result.review), 'utf8')).toContain('12 proposals');
    expect(result.folder).toBe(pathToFileURL(path.join(root, '.anneal', 'rewrites', result.run)).href);
    await expect(readFile(path.join(root, 'reviews.jsonl'))).rejects.toThrow('ENOENT');
  });

  it.concurrent('refuses a style that is none, and runs that say nothing, before a call is paid', async () => {
    const root = await taskFolder();
    const fails = (input: Partial<RewriteInput>) =>
      run(root, input, () => ok('dog')).then(
        () => null,
        (error: { cause?: Error }) => error.cause?.message,
      );
    expect(await fails({ purpose: 'style' })).toContain('The purpose style needs a style');
    expect(await fails({ purpose: 'correct', decoding: { temperature: 0 } })).toContain(
      '3 runs at temperature 0 are one run',
    );
    expect(await fails({ purpose: 'guess' as never })).toContain('purpose');
  });

  it.concurrent('stops at once where the key is wrong, with the words of the endpoint', async () => {
    const root = await taskFolder();
    const refused = run(root, { purpose: 'correct' }, () => ({ status: 401, body: 'Incorrect API key provided' }));
    await expect(refused).rejects.toMatchObject({
      cause: { type: 'EndpointRefused', message: expect.stringContaining('Incorrect API key provided') },
    });
  });
});
