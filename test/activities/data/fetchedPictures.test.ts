import { readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { fetchPicture } from '../../../activities/data/pictures/fetchPicture.js';
import { SilentHosts } from '../../../activities/data/pictures/silentHosts.js';
import { isPublic } from '../../../activities/web/publicAddress.js';
import { build, freshFolder, removeFreshFolders } from './build.js';

afterAll(removeFreshFolders);

const limits = { maximumBytes: 4096, timeoutMilliseconds: 5_000, pausesMilliseconds: [1, 1], allowPrivate: true };

/** A server on this machine that counts what it is asked for; paths answer as their names say. */
async function serving<Result>(use: (address: string, asked: string[]) => Promise<Result>): Promise<Result> {
  const background = { r: 200, g: 30, b: 30 };
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toBuffer();
  const asked: string[] = [];
  const server = http.createServer(({ url = '' }, response) => {
    asked.push(url);
    const [, what = '', argument = ''] = url.split('/');
    if (what === 'status') response.writeHead(Number(argument)).end();
    else if (what === 'to') response.writeHead(302, { location: decodeURIComponent(argument) }).end();
    else if (what === 'second' && asked.filter((each) => each === url).length === 1) response.writeHead(503).end();
    else if (what === 'large') response.end(Buffer.alloc(8192));
    else if (what === 'cut') response.writeHead(200, { 'content-length': '100' }).end('x', () => response.destroy());
    else response.end(png);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('an address of the public internet', () => {
  it.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1::1', '::ffff:8.8.8.8'])('is %s', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'ff02::1',
    '2002:7f00:1::',
    '2001:0:1::1',
    'localhost',
    '',
  ])('is not "%s"', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it('is the same whether written as IPv4 or mapped into IPv6', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => isPublic(`::ffff:${address}`) === isPublic(address)));
  });
});

describe('a picture from the web', () => {
  it('is fetched over redirects, and again after a passing fault', () =>
    serving(async (address, asked) => {
      const there = encodeURIComponent('/second/a.png');
      expect((await fetchPicture(`${address}/to/${there}`, limits)).subarray(1, 4).toString()).toBe('PNG');
      expect(asked).toHaveLength(4);
    }));

  it.each([
    ['status/404', /answered 404/, 1],
    ['status/503', /answered 503/, 3],
    ['large/a.png', /over 4096 bytes/, 1],
    ['cut/a.png', /imageNotFetched/, 3],
    [`to/${encodeURIComponent('ftp://example.org/a.png')}`, /imageRemote/, 1],
    [`to/${encodeURIComponent('/to/%2Fto%2F')}`, /imageNotFetched/, 3],
  ])('is given up for good at %s', (at, says, attempts) =>
    serving(async (address, asked) => {
      await expect(fetchPicture(`${address}/${at}`, limits)).rejects.toThrow(says);
      if (!at.startsWith('to')) expect(asked).toHaveLength(attempts);
    }),
  );

  it('is not asked for at a private address, named, looked up or reached by a redirect', () =>
    serving(async (address, asked) => {
      const closed = { ...limits, allowPrivate: false };
      for (const url of [
        `${address}/a.png`,
        `${address.replace('127.0.0.1', 'localhost')}/a.png`,
        'http://[::1]/a.png',
      ])
        await expect(fetchPicture(url, closed)).rejects.toThrow(/not an address of the public internet/);
      expect(asked).toEqual([]);
    }));

  it('is not asked for of a host that gave no answer ten times in a row, and other hosts are', () =>
    serving(async (address, asked) => {
      const silent = 'http://127.0.0.1:9';
      const urls = Array.from({ length: 14 }, (_, index) => `${silent}/${index}.png`);
      const hosts = new SilentHosts();
      const ask = (url: string) => hosts.asking(url, () => fetchPicture(url, limits)).then(() => 'had', String);
      const said: string[] = [];
      for (const url of urls) said.push(await ask(url));
      expect(said.filter((each) => /imageNotFetched.*ECONNREFUSED/.test(each))).toHaveLength(10);
      expect(said.filter((each) => /imageHostSilent: "127.0.0.1:9" gave no answer/.test(each))).toHaveLength(4);
      for (let index = 0; index < 12; index += 1) await ask(`${address}/status/503`);
      expect(await ask(`${address}/a.png`)).toBe('had');
      expect(asked).toHaveLength(37);
    }));

  it('is fetched once for a dataset, when the task asks for it', () =>
    serving(async (address, asked) => {
      const root = freshFolder();
      const rows = ['one.png', 'one.png', 'status/404'].map((name, index) => ({
        image: `${address}/${name}`,
        question: `Which colour, ${index}?`,
        answer: 'red',
      }));
      writeFileSync(path.join(root, 'r.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const into = freshFolder();
      const data = { fetchImages: true, fetchPrivate: true };
      const made = await build({ root, files: ['r.jsonl'], into, data });
      expect(made.manifest.counts).toMatchObject({ used: 2, byReason: { imageNotFetched: 1 } });
      await build({ root, files: ['r.jsonl'], into, data });
      expect(asked.filter((each) => each === '/one.png')).toHaveLength(1);
      expect(readdirSync(path.join(into, 'fetched'))).toHaveLength(1);
    }));
});
