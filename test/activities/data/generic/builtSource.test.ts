/** A generic source from the hub into a dataset: pictures through the links of the hub's cache, terms in the manifest. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { createGenericActivities } from '../../../../activities/data/generic/index.js';
import { businessLicences, GenericSource } from '../../../../config/genericSources.js';
import { build, fates, freshFolder, removeFreshFolders } from '../build.js';
import { StandInHub } from './hub.js';

afterAll(removeFreshFolders);

const commit = 'c'.repeat(40);
const picture = (red: number) =>
  sharp({ create: { width: 12, height: 12, channels: 3, background: { r: red, g: 40, b: 90 } } })
    .png()
    .toBuffer();

describe('a build with a generic source', () => {
  const home = freshFolder();
  const root = freshFolder();
  let hub: StandInHub;
  let endpoint: string;
  beforeAll(async () => {
    const rows = [
      { id: 'a', image: 'pictures/a.png', question: 'What is it?', answer: 'a square' },
      { id: 'b', image: 'pictures/b.png', question: 'What is it?', answer: 'a wall' },
      { id: 'out', image: '../../../../../own.png', question: 'What is it?', answer: 'another' },
    ];
    hub = new StandInHub({
      files: {
        'README.md': Buffer.from('---\nlicense: mit\n---\n'),
        'data/rows.json': Buffer.from(JSON.stringify(rows)),
        'pictures/a.png': await picture(10),
        'pictures/b.png': await picture(200),
      },
      commit,
    });
    endpoint = await hub.start();
    writeFileSync(path.join(root, 'own.png'), await picture(120));
    const own = { id: 'own', image: 'own.png', question: 'What is it?', answer: 'mine' };
    const other = { ...own, id: 'theirs', image: 'pictures/a.png' };
    writeFileSync(path.join(root, 'own.jsonl'), `${JSON.stringify(own)}\n${JSON.stringify(other)}\n`);
  });
  afterAll(() => hub.stop());

  const source = GenericSource.parse({
    id: 'made',
    repository: 'owner/name',
    files: ['data/*.json', 'data/*.parquet'],
    images: ['pictures/*'],
    licence: 'mit',
    language: 'en',
    type: 'caption',
  });
  const fetched = (variables: Record<string, string> = {}) => {
    const environment: Record<string, string> = { HF_ENDPOINT: endpoint, HF_HOME: home, ...variables };
    return createGenericActivities({
      heartbeat: () => undefined,
      signal: () => new AbortController().signal,
      environment: (name) => environment[name],
    }).fetchGenericSource({ source, licences: businessLicences, maximumBytes: 1e9 });
  };
  const builtFrom = async ({ files, terms }: Awaited<ReturnType<typeof fetched>>) =>
    build({ root, files: ['own.jsonl'], entries: files, terms: [terms] });

  it('uses its records with the task’s own, each with the pictures of its own folder only', async () => {
    const made = await builtFrom(await fetched());
    expect(fates(made)).toEqual({
      a: 'used',
      b: 'used',
      out: 'pathOutside',
      own: 'used',
      theirs: 'imageNotFound',
    });
    expect(made.manifest.terms).toEqual([
      {
        id: 'made',
        repository: 'owner/name',
        commit,
        licence: 'mit',
        cardLicence: 'mit',
        language: 'en',
        type: 'caption',
      },
    ]);
    expect(made.manifest.sources.map((each) => each.path)).toEqual([
      `made/snapshots/${commit}/data/rows.json`,
      'own.jsonl',
    ]);
  });

  it('builds the same dataset from the cache when the hub is forbidden', async () => {
    const first = await builtFrom(await fetched());
    const asked = hub.asked.length;
    const second = await builtFrom(await fetched({ HF_HUB_OFFLINE: '1' }));
    expect(second.ref.digest).toBe(first.ref.digest);
    expect(hub.asked.length).toBe(asked);
    rmSync(home, { recursive: true });
    await expect(fetched({ HF_HUB_OFFLINE: '1' })).rejects.toMatchObject({ problem: { type: 'InvalidInput' } });
  });
});
