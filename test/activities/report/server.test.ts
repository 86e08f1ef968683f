import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startReportServer } from '../../../activities/report/server.js';
import type { Listening } from '../../../activities/web/listening.js';
import { ProblemError } from '../../../config/problems.js';
import { doneFacts } from './facts.js';
import { placesIn } from './places.js';
import { noDetails, textOf } from './rendering.js';

jest.setTimeout(240_000);

let root: string;
let server: Listening;

async function writeRun(run: string, changes: object): Promise<void> {
  await mkdir(path.join(root, run), { recursive: true });
  const file = { ...doneFacts(placesIn('/nowhere')), details: noDetails, run, ...changes };
  await writeFile(path.join(root, run, 'report.json'), JSON.stringify(file));
  await writeFile(path.join(root, run, 'report.html'), `<!doctype html><title>${run}</title>`);
}

/** The path exactly as it is given: `fetch` would tidy dots away before they reach the server. */
function get(
  target: string,
  method = 'GET',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: target, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

beforeAll(async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'anneal-reports-'));
  root = path.join(folder, 'runs');
  await writeRun('old.11111111', {
    startedAt: '2026-11-23T10:00:00Z',
    updatedAt: '2026-11-23T10:05:00Z',
    state: 'notSolved',
    verdict: 'Not solved: <b>too few</b> examples.',
  });
  await writeRun('new run.22222222', { startedAt: '2026-11-25T10:00:00Z', updatedAt: '2026-11-25T10:12:00Z' });
  await mkdir(path.join(root, 'begun.33333333'));
  await mkdir(path.join(root, 'broken.44444444'));
  await writeFile(path.join(root, 'broken.44444444', 'report.json'), '{"state":');
  await writeFile(path.join(root, 'report.html'), 'not a run');
  await writeFile(path.join(folder, 'secret.html'), 'secret');
  await mkdir(path.join(folder, 'elsewhere'));
  await writeFile(path.join(folder, 'elsewhere', 'report.html'), 'secret');
  await symlink(path.join(folder, 'elsewhere'), path.join(root, 'linked'));
  await mkdir(path.join(root, 'linking'));
  await symlink(path.join(folder, 'secret.html'), path.join(root, 'linking', 'report.html'));
  server = await startReportServer({ root, port: 0 });
});

afterAll(() => server.close());

describe('the report server', () => {
  it('lists runs, the newest first, with state and verdict', async () => {
    const { status, headers, body } = await get('/');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const items = [...body.matchAll(/<li[\s\S]*?<\/li>/g)].map(([item]) => textOf(item));
    const named = items.map((item) => item.match(/(\w[\w ]*\.\d{8})/)?.[1]?.trim());
    expect(named.filter(Boolean).slice(-2)).toEqual(['new run.22222222', 'old.11111111']);
    expect(items.find((item) => item.includes('old.'))).toContain('○ not solved Not solved: <b>too few</b> examples.');
    expect(body).toContain('href="/runs/new%20run.22222222/"');
  });

  it('lists runs whose report is not written yet or is broken', async () => {
    const text = textOf((await get('/')).body);
    expect(text).toContain('begun.33333333 No report yet.');
    expect(text).toContain('broken.44444444 No report yet.');
  });

  it('lists nothing where no run was started', async () => {
    const empty = await startReportServer({ root: path.join(root, 'none'), port: 0 });
    expect(textOf(await (await fetch(empty.url)).text())).toContain('No run has been started here yet.');
    await empty.close();
  });

  it('serves a run’s page and its facts with their content types', async () => {
    const page = await get('/runs/new%20run.22222222/');
    expect(page).toMatchObject({ status: 200, body: '<!doctype html><title>new run.22222222</title>' });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect((await get('/runs/old.11111111/report.html?again')).body).toContain('old.11111111');
    const facts = await get('/runs/old.11111111/report.json');
    expect(facts.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(facts.body)).toMatchObject({ run: 'old.11111111' });
  });

  it('sends a run’s address without its slash to the one with', async () => {
    expect(await get('/runs/new%20run.22222222')).toMatchObject({
      status: 308,
      headers: { location: '/runs/new%20run.22222222/' },
    });
  });

  it.each([
    '/runs/../../secret.html',
    '/runs/../report.html',
    '/runs/%2e%2e/report.html',
    '/runs/..%2fsecret.html/',
    '/runs/old.11111111/..%2f..%2f..%2fsecret.html',
    '/runs/old.11111111/../../../secret.html',
    '/runs/..%5c..%5csecret.html/',
    '/runs//report.html',
    '/runs/./report.html',
    '/runs/old.11111111%00/report.html',
    '/runs/%ff/',
    '/runs/linked/',
    '/runs/linking/',
    '/runs/linking/report.html',
    '/runs/report.html/',
    '/runs/old.11111111/recipe.json',
    '/runs/old.11111111/constructor',
    `/runs/${'long'.repeat(200)}/`,
    '/secret.html',
    '//secret.html',
  ])('gives nothing for %s but a page that says so in words', async (target) => {
    const { status, body, headers } = await get(target);
    expect(status).toBe(404);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(textOf(body)).toContain('There is no such report.');
    expect(body).not.toContain('secret');
  });

  it('answers HEAD without a body and refuses to be written to', async () => {
    const head = await get('/runs/old.11111111/', 'HEAD');
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(Number(head.headers['content-length'])).toBeGreaterThan(10);
    expect(await get('/', 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('says when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const refused = await startReportServer({ root, port }).catch((error: unknown) => error);
    await new Promise((resolve) => other.close(resolve));
    expect(refused).toBeInstanceOf(ProblemError);
    expect((refused as ProblemError).problem).toMatchObject({
      type: 'PortTaken',
      where: `the report server, 127.0.0.1:${port}`,
    });
  });

  it('lets go of its port when closed, even with a browser’s connection open', async () => {
    const first = await startReportServer({ root, port: 0 });
    await (await fetch(first.url)).text();
    await first.close();
    const again = await startReportServer({ root, port: Number(new URL(first.url).port) });
    expect(again.url).toBe(first.url);
    await again.close();
  });
});
