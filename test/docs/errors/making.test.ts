/** Captions, generic data, rewriting and review: told by the first activity of each. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { createCaptionListActivities } from '../../../activities/captions/index.js';
import { createGenericActivities } from '../../../activities/data/generic/index.js';
import { packageFolder } from '../../../activities/recipe/packageFolder.js';
import { createRewritePlanning } from '../../../activities/recipe/rewrite.js';
import { applyReview } from '../../../activities/rewriting/review/apply.js';
import { modelInfo } from '../../../activities/training/models.js';
import { CaptionInput } from '../../../config/captioning.js';
import { businessLicences, genericSources } from '../../../config/genericSources.js';
import { RewriteInput } from '../../../config/rewriting.js';
import { holdSection, type Said, saidOf } from './rows.js';
import { makeWorkplace, recipeActivities, type Workplace } from './workplace.js';

jest.setTimeout(60_000);

let place: Workplace;
beforeAll(async () => {
  place = await makeWorkplace();
});
afterAll(() => place.remove());

const endpoint = { baseUrl: 'http://127.0.0.1:9/v1', model: 'a-model' };

describe('errors: Captions and generic data', () => {
  const captions = (input: object): Promise<Said> =>
    saidOf(() =>
      createCaptionListActivities({
        root: place.root,
        packageFolder,
        heartbeat: () => undefined,
        searchAttributesRegistered: async () => false,
      }).listPictures({ input: CaptionInput.parse({ endpoint, ...input }), run: 'captions' }),
    );
  const resolved = async (generic: object): Promise<Said> => {
    const input = { ...(await place.task({ generic })), recipe: {} };
    return saidOf(() => recipeActivities(place.root).resolveRecipe({ input, run: 'run' }));
  };
  const fetched = (variables: Record<string, string>): Promise<Said> =>
    saidOf(() => {
      const source = genericSources.get('allava-4v-instruct');
      if (!source) throw new Error('no such source');
      const environment: Record<string, string> = { HF_HOME: path.join(place.root, 'hub'), ...variables };
      return createGenericActivities({
        heartbeat: () => undefined,
        signal: () => new AbortController().signal,
        environment: (name) => environment[name],
      }).fetchGenericSource({ source, licences: businessLicences, maximumBytes: 1e9 });
    });

  holdSection('Captions and generic data', {
    'captions-nowhere': () => captions({ images: 'nowhere' }),
    'captions-none': async () => {
      await mkdir(path.join(place.root, 'empty'), { recursive: true });
      return captions({ images: 'empty' });
    },
    'captions-list': async () => {
      await place.file('list.txt', '{"picture": "1.png"}\n');
      return captions({ images: 'list.txt' });
    },
    'captions-model': () => captions({ images: 'empty', endpoint: undefined, model: 'gone' }),
    'generic-name': () => resolved({ sources: ['alava-4v-instruct'] }),
    'generic-licence': () => resolved({ sources: ['sharegpt4v'] }),
    'generic-away': () => fetched({ HF_ENDPOINT: 'http://127.0.0.1:9' }),
    'generic-offline': () => fetched({ HF_HUB_OFFLINE: '1' }),
  });
});

describe('errors: Rewriting and review', () => {
  const planned = async (input: object): Promise<Said> => {
    await place.task({});
    const side = { python: 'python3', trainerFolder: path.join(packageFolder, 'trainer') };
    const { planRewrite } = createRewritePlanning({
      root: place.root,
      packageFolder,
      modelInfo: (folder) => modelInfo(side, folder),
    });
    return saidOf(() => planRewrite({ input: RewriteInput.parse(input), run: 'rewrite' }));
  };

  holdSection('Rewriting and review', {
    'rewrite-what': () => planned({ purpose: 'correct', endpoint }),
    'rewrite-style': () => planned({ task: '.', purpose: 'style', endpoint }),
    'rewrite-endpoint': () => planned({ task: '.', purpose: 'correct' }),
    'rewrite-runs': () => planned({ task: '.', purpose: 'correct', runs: 3, decoding: { temperature: 0 }, endpoint }),
    'review-folder': () => {
      const wish = { csv: null, acceptAllOf: null, by: 'Ada', at: '2026-01-01T00:00:00Z', dryRun: true };
      return saidOf(() => applyReview({ folder: place.root, ...wish }));
    },
  });
});
