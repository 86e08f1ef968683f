/** A laptop that only reads: runs that workers made elsewhere, over one store, from a project folder at another path. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import { isThere } from '../../activities/processes/there.js';
import { bringReports } from '../../activities/report/bringReports.js';
import { createReportActivities } from '../../activities/report/index.js';
import { startReportServer } from '../../activities/report/server.js';
import type { Mirror } from '../../activities/storage/mirror.js';
import { openMirror } from '../../activities/storage/openMirror.js';
import { storedReportBringer } from '../../cli/storedReports.js';
import type { ReportFacts } from '../../config/report.js';
import { doneFacts } from '../activities/report/facts.js';
import { placesIn } from '../activities/report/places.js';
import { writeRunFiles } from '../activities/report/runFiles.js';
import { makeRoot, removeRoot } from './dev/supervisor.js';
import { anneal } from './shells.js';

jest.setTimeout(60_000);

let base: string;
let store: string;
let workers: string;
let laptop: string;
let mirror: Mirror;
let folder: string;
let facts: ReportFacts;

beforeEach(async () => {
  base = await makeRoot();
  [workers, laptop] = [path.join(base, 'workers'), path.join(base, 'laptop')];
  for (const root of [workers, laptop]) await mkdir(root);
  store = pathToFileURL(path.join(base, 'store')).href;
  mirror = (await openMirror(workers, store)) as Mirror;
  const places = placesIn(workers);
  folder = places.run;
  facts = doneFacts(places);
  await writeRunFiles(facts);
  await render(facts);
  await mirror.send(folder);
});
afterEach(() => removeRoot(base));

/** As the workers' activity does, over the store. */
async function render(changed: ReportFacts): Promise<void> {
  const log = { info: () => undefined, warn: () => undefined };
  const toStored = <Value>(value: Value) => mirror.toStored(value);
  const { renderReport } = createReportActivities({ heartbeat: () => undefined, log, toStored });
  await renderReport({ folder, facts: changed });
}

const read = (...argv: string[]) => anneal(laptop, { ANNEAL_STORE: store }, ...argv);
const here = (file: string) => path.join(laptop, '.anneal/runs/boost-digits.1a2b3c4d', file);

it('sees the runs of the store, and needs neither the workers’ path nor to write', async () => {
  const { code, data } = await read('status');
  expect({ code, data }).toEqual({ code: 0, data: expect.stringContaining(`boost-digits.1a2b3c4d  done`) });
  expect(await isThere(here('report.html'))).toBe(false);
  const { data: one } = await read('status', 'digits', '--json');
  expect(JSON.parse(one)).toMatchObject({ run: 'boost-digits.1a2b3c4d', verdict: facts.verdict });
  const report = await read('report', 'digits', '--json');
  expect(JSON.parse(report.data).file).toBe(here('report.html'));
  expect(await readFile(here('report.html'), 'utf8')).toContain('<html');
});

it('reads figures that name the store, and no place of the workers’ disk', async () => {
  await read('report', 'digits');
  const { recipe, after, trainings } = JSON.parse(await readFile(here('report.json'), 'utf8'));
  expect(recipe.runFolder).toBe(`${store}/runs/boost-digits.1a2b3c4d`);
  const uris = [after.business.answersUri, ...trainings.map(({ eventsUri }: { eventsUri: string }) => eventsUri)];
  expect(uris.filter((uri) => !uri.startsWith(`${store}/`))).toEqual([]);
  expect(uris.length).toBeGreaterThan(2);
});

it('sees what was rendered since, the page with the figures', async () => {
  await read('report', 'digits');
  const later = {
    ...facts,
    verdict: 'Another word.',
    updatedAt: new Date(Date.parse(facts.updatedAt) + 1).toISOString(),
  };
  await render(later);
  await mirror.send(folder);
  expect((await read('status', 'digits')).data).toContain('Another word.');
  expect(await readFile(here('report.html'), 'utf8')).toContain('Another word.');
});

it('leaves what the workers of this machine have written and not sent yet', async () => {
  const later = {
    ...facts,
    verdict: 'Another word.',
    updatedAt: new Date(Date.parse(facts.updatedAt) + 1).toISOString(),
  };
  await render(later);
  await bringReports(mirror, path.join(workers, '.anneal/runs'));
  expect(await readFile(path.join(workers, '.anneal/runs/boost-digits.1a2b3c4d/report.json'), 'utf8')).toContain(
    'Another word.',
  );
});

it('compares runs by the answers that the store has', async () => {
  await mirror.send(facts.after.business?.answersUri ?? '');
  const prices = ['--small-cost', '1', '--large-cost', '2', '--json'];
  const { code, data, talk } = await read('compare', 'digits', 'boost-digits', ...prices);
  expect({ code, talk }).toEqual({ code: 0, talk: '' });
  expect(JSON.parse(data)).toMatchObject({ small: { run: 'boost-digits.1a2b3c4d' } });
});

it('serves them too, and what is here where the store is away', async () => {
  const said: string[] = [];
  const place = { root: laptop, env: { ANNEAL_STORE: store } };
  const bring = await storedReportBringer(place, (line) => said.push(line));
  const server = await startReportServer({ root: path.join(laptop, '.anneal/runs'), port: 0, bring });
  const get = async (page: string) => (await fetch(`${server.url}${page}`)).text();
  try {
    expect(await get('/')).toContain('/runs/boost-digits.1a2b3c4d/');
    expect(await get('/runs/boost-digits.1a2b3c4d/')).toContain(facts.verdict);
    expect(await get('/runs/boost-digits.ffffffff/')).toContain('There is no such report');
    expect(said).toEqual([]);
    await rm(path.join(base, 'store'), { recursive: true });
    await writeFile(path.join(base, 'store'), '');
    expect(await get('/runs/boost-digits.1a2b3c4d/')).toContain(facts.verdict);
    expect(said).toEqual([expect.stringContaining('as this machine has them')]);
  } finally {
    await server.close();
  }
});

describe('says clearly', () => {
  it('where it looked for a run that is unknown', async () => {
    const { code, talk } = await read('report', 'digist');
    expect(code).toBe(2);
    expect(talk).toContain('Did you mean "digits"?');
    expect(talk).toContain(`${store}/runs`);
  });

  it('that runs of other machines need the store, where none is set', async () => {
    const { code, talk } = await anneal(laptop, {}, 'report', 'digits');
    expect({ code, talk }).toEqual({ code: 2, talk: expect.stringContaining('ANNEAL_STORE') });
  });

  it('that ANNEAL_STORE is no store, or can’t be used', async () => {
    const odd = await anneal(laptop, { ANNEAL_STORE: 'models/anneal' }, 'report', 'digits');
    expect({ code: odd.code, talk: odd.talk }).toEqual({
      code: 2,
      talk: expect.stringContaining('no place for files'),
    });
    const file = path.join(base, 'file');
    await writeFile(file, '');
    const broken = await anneal(laptop, { ANNEAL_STORE: pathToFileURL(file).href }, 'status');
    expect(broken.talk).toContain("The shared folder can't be used");
    expect(broken.code).toBe(3);
  });
});
