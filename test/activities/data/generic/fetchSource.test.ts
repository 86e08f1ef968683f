import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fetchSource, sourceNamed } from '../../../../activities/data/generic/fetchSource.js';
import { cardLicence } from '../../../../activities/data/generic/licences.js';
import { matching } from '../../../../activities/data/generic/patterns.js';
import { businessLicences, FoundSource, GenericSource, genericSources } from '../../../../config/genericSources.js';
import { freshFolder, removeFreshFolders } from '../build.js';
import { type Script, StandInHub, sha256 } from './hub.js';

const hubs: StandInHub[] = [];
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.stop()));
});
afterAll(removeFreshFolders);

const card = Buffer.from('---\nlicense: apache-2.0\nlanguage: en\n---\n# Data\n');
const rows = Buffer.from('{"id": 1}\n'.repeat(20_000));
const shard = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));
const files = {
  'README.md': card,
  'data/rows.json': rows,
  'data/0.parquet': shard,
  'other/big.bin': Buffer.alloc(9000),
};
const commit = 'c'.repeat(40);

const named = (over: object = {}) =>
  GenericSource.parse({
    id: 'made',
    repository: 'owner/name',
    files: ['data/*.json', 'data/*.parquet'],
    licence: 'apache-2.0',
    language: 'en',
    type: 'caption',
    ...over,
  });

async function hubOf(script: Partial<Script> = {}) {
  const hub = new StandInHub({ files, ...script });
  hubs.push(hub);
  return { hub, endpoint: await hub.start() };
}

interface Around {
  endpoint: string;
  home?: string;
  variables?: Record<string, string>;
  source?: GenericSource;
  licences?: string[];
  maximumBytes?: number;
}

async function fetchFrom({ endpoint, home = freshFolder(), variables = {}, source = named(), ...wish }: Around) {
  const environment: Record<string, string> = { HF_ENDPOINT: endpoint, HF_HOME: home, ...variables };
  let bytes = 0;
  const found = await fetchSource(
    { source, licences: wish.licences ?? businessLicences, maximumBytes: wish.maximumBytes ?? 1e9 },
    {
      environment: (name) => environment[name],
      signal: new AbortController().signal,
      heartbeat: (count) => {
        bytes += count;
      },
      attempts: 3,
      firstPauseMilliseconds: 1,
    },
  );
  expect(FoundSource.parse(found)).toEqual(found);
  return { found, bytes, home };
}

const read = ({ found }: { found: FoundSource }, file: string) => readFileSync(path.join(found.folder, file));

describe('fetchSource (R12)', () => {
  it('fetches what the patterns name, into the layout of the hub’s own cache', async () => {
    const { hub, endpoint } = await hubOf();
    const made = await fetchFrom({ endpoint });
    expect(made.found).toMatchObject({
      from: 'hub',
      commit,
      files: ['data/0.parquet', 'data/rows.json'],
      cardLicence: 'apache-2.0',
    });
    expect(read(made, 'data/0.parquet').equals(shard)).toBe(true);
    const folder = path.join(made.home, 'hub', 'datasets--owner--name');
    expect(made.found.folder).toBe(path.join(folder, 'snapshots', commit));
    expect(readFileSync(path.join(folder, 'refs', 'main'), 'utf8')).toBe(commit);
    expect(readlinkSync(path.join(made.found.folder, 'data/0.parquet'))).toBe(`../../../blobs/${sha256(shard)}`);
    expect(hub.fetched('other/big.bin')).toBe(0);
    expect(
      hub.asked
        .filter(({ url }) => url.includes('/resolve/'))
        .slice(1)
        .every(({ url }) => url.includes(commit)),
    ).toBe(true);
  });

  it('fetches nothing twice', async () => {
    const { hub, endpoint } = await hubOf();
    const { home } = await fetchFrom({ endpoint });
    const again = await fetchFrom({ endpoint, home });
    expect(again).toMatchObject({ bytes: 0, found: { from: 'hub', files: ['data/0.parquet', 'data/rows.json'] } });
    expect(hub.fetched('data/0.parquet')).toBe(1);
  });

  it('goes on where a reply broke off', async () => {
    const { hub, endpoint } = await hubOf({ breaks: { after: 100_000, times: 2 } });
    const made = await fetchFrom({ endpoint });
    expect(read(made, 'data/0.parquet').equals(shard)).toBe(true);
    const ranges = hub.asked
      .filter(({ host, url }) => host === 'store' && url === '/data/0.parquet')
      .map(({ range }) => range);
    expect(ranges).toHaveLength(3);
    expect(ranges.slice(1).every((range) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]) > 0)).toBe(true);
    expect(made.bytes).toBe(card.length + rows.length + shard.length);
  });

  it('goes on where another attempt stopped, and begins anew where a server knows no ranges', async () => {
    for (const ignoresRanges of [false, true]) {
      const { endpoint } = await hubOf({ breaks: { after: 120_000, times: 1 }, ignoresRanges });
      const home = freshFolder();
      const blobs = path.join(home, 'hub', 'datasets--owner--name', 'blobs');
      mkdirSync(blobs, { recursive: true });
      writeFileSync(path.join(blobs, `${sha256(shard)}.incomplete`), shard.subarray(0, 50_000));
      const made = await fetchFrom({ endpoint, home });
      expect(read(made, 'data/0.parquet').equals(shard)).toBe(true);
      if (!ignoresRanges) expect(made.bytes).toBe(card.length + rows.length + shard.length - 50_000);
    }
  });

  it('refuses another content than the listing says, and keeps none of it', async () => {
    const { endpoint } = await hubOf({ spoils: true });
    const home = freshFolder();
    await expect(fetchFrom({ endpoint, home })).rejects.toMatchObject({ problem: { type: 'DatasetInvalid' } });
    expect(readdirSync(path.join(home, 'hub', 'datasets--owner--name', 'blobs'))).toEqual([]);
  });

  it('waits out faults that pass, says so when they last, and does not ask again for what is not there', async () => {
    const { found } = await fetchFrom(await hubOf({ fails: { status: 503, times: 2 } }));
    expect(found.files).toHaveLength(2);
    const lasting = await hubOf({ fails: { status: 503, times: 99 } });
    await expect(fetchFrom(lasting)).rejects.toMatchObject({ problem: { type: 'EndpointUnavailable' } });
    expect(lasting.hub.fetched('README.md')).toBe(3);
    const gone = await hubOf({ fails: { status: 404, times: 99 } });
    await expect(fetchFrom(gone)).rejects.toMatchObject({ problem: { type: 'InvalidInput' } });
    expect(gone.hub.fetched('README.md')).toBe(1);
  });

  it('sends the token to the hub and to no other host', async () => {
    const { hub, endpoint } = await hubOf({ token: 'secret' });
    await fetchFrom({ endpoint, variables: { HF_TOKEN: 'secret' } });
    for (const { host, authorization } of hub.asked)
      expect(authorization).toBe(host === 'hub' ? 'Bearer secret' : undefined);
    await expect(fetchFrom({ endpoint })).rejects.toMatchObject({
      problem: { type: 'EndpointRefused', todo: expect.stringContaining('HF_TOKEN') },
    });
  });

  it('reads a listing of several pages, and a mirror that says no commit', async () => {
    const { endpoint } = await hubOf({ pageSize: 2, commit: null });
    const { found } = await fetchFrom({ endpoint });
    expect(found).toMatchObject({ commit: null, files: ['data/0.parquet', 'data/rows.json'] });
    expect(path.basename(found.folder)).toBe('main');
  });

  it('uses the cache where the hub is away or not to be asked, but no half of a source', async () => {
    const { hub, endpoint } = await hubOf();
    const { home } = await fetchFrom({ endpoint });
    await hub.stop();
    expect((await fetchFrom({ endpoint, home })).found).toMatchObject({ from: 'cache', commit });
    const offline = { HF_HUB_OFFLINE: '1' };
    expect((await fetchFrom({ endpoint, home, variables: offline })).found.from).toBe('cache');
    await expect(fetchFrom({ endpoint, home: freshFolder(), variables: offline })).rejects.toMatchObject({
      problem: { type: 'InvalidInput', what: expect.stringContaining('HF_HUB_OFFLINE') },
    });
    const wider = named({ files: ['**/*'], revision: commit });
    await expect(fetchFrom({ endpoint, home, source: wider })).rejects.toMatchObject({
      problem: { type: 'EndpointUnavailable' },
    });
  });

  it('refuses before a byte of data is fetched: a licence, a size, a path that leads out', async () => {
    const { hub, endpoint } = await hubOf();
    const source = named({ licence: 'cc-by-nc-4.0' });
    await expect(fetchFrom({ endpoint, source })).rejects.toMatchObject({
      problem: { type: 'InvalidInput', what: expect.stringContaining('cc-by-nc-4.0') },
    });
    await expect(fetchFrom({ endpoint, maximumBytes: 1000 })).rejects.toMatchObject({
      problem: { type: 'InvalidInput', todo: expect.stringContaining('fewer files') },
    });
    expect(hub.fetched('data/0.parquet')).toBe(0);
    const climbing = await hubOf({ files: { '../../evil.json': rows } });
    await expect(fetchFrom(climbing)).rejects.toMatchObject({ problem: { type: 'DatasetInvalid' } });
  });

  it('believes the card where it is stricter than the registry, or where the registry does not know', async () => {
    const strict = await hubOf({ files: { ...files, 'README.md': Buffer.from('---\nlicense: cc-by-nc-4.0\n---\n') } });
    await expect(fetchFrom(strict)).rejects.toMatchObject({ problem: { type: 'InvalidInput' } });
    await fetchFrom({ ...strict, licences: [...businessLicences, 'CC-BY-NC-4.0'] });
    const unknown = named({ licence: 'unknown' });
    await fetchFrom({ ...(await hubOf()), source: unknown });
    const { 'README.md': _, ...bare } = files;
    await expect(fetchFrom({ ...(await hubOf({ files: bare })), source: unknown })).rejects.toMatchObject({
      problem: { what: expect.stringContaining('unknown') },
    });
  });

  it('takes a folder as it is', async () => {
    const folder = freshFolder();
    mkdirSync(path.join(folder, 'data/images'), { recursive: true });
    writeFileSync(path.join(folder, 'data/rows.json'), rows);
    writeFileSync(path.join(folder, 'data/images/1.png'), 'x');
    const source = named({ folder, images: ['**/*.png'] });
    const { found } = await fetchFrom({ endpoint: 'http://unused.invalid', source });
    expect(found).toMatchObject({ from: 'folder', files: ['data/rows.json'], images: 1, bytes: rows.length + 1 });
    await expect(fetchFrom({ endpoint: '', source: named({ folder, files: ['*.csv'] }) })).rejects.toMatchObject({
      problem: { what: expect.stringContaining('*.csv') },
    });
  });
});

describe('the registry', () => {
  it('names the sources of the recipe, and the nearest one of a mistyped name', () => {
    expect(sourceNamed('allava-4v-instruct')).toMatchObject({ licence: 'apache-2.0', type: 'instruction' });
    expect(sourceNamed('sharegpt-4o-zh')).toMatchObject({ repository: 'LYM2024/share_gpt4o_zh', columns: 'sniff' });
    expect(() => sourceNamed('alava-4v-instruct')).toThrow('Did you mean "allava-4v-instruct"?');
    expect(businessLicences).not.toContain(genericSources.get('sharegpt4v')?.licence);
  });

  it('finds the files of ALLaVA by the names that its pages list', () => {
    const listed = [
      'README.md',
      'allava_laion/ALLaVA-Caption-LAION-4V.json',
      'allava_laion/ALLaVA-Instruct-LAION-4V.json',
      'allava_vflan/ALLaVA-Instruct-VFLAN-4V.json',
      'allava_laion/image_chunks/images_0.zip',
    ];
    expect(matching(listed, sourceNamed('allava-4v-instruct').files)).toEqual([listed[2], listed[3]]);
    expect(matching(listed, sourceNamed('allava-4v-caption').files)).toEqual([listed[1]]);
    expect(matching(listed, sourceNamed('allava-4v-caption').images)).toEqual([listed[4]]);
  });
});

describe('cardLicence', () => {
  it.each([
    ['---\nlicense: MIT\n---\n', 'mit'],
    ['---\ntask: x\nlicense:\n- cc-by-4.0\n- mit\nlanguage: en\n---\n', 'cc-by-4.0, mit'],
    ['---\nlicense: [mit, "cc0-1.0"]\n---\n', 'mit, cc0-1.0'],
    ['---\nlanguage: en\n---\nlicense: mit', null],
    ['# Card', null],
  ])('reads %j as %j', (text, licence) => {
    expect(cardLicence(text)).toBe(licence);
  });
});
