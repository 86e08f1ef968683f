import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { sha256 } from '../../../activities/storage/files.js';
import { pictureOf } from '../../../bench/lib/captionPictures.js';
import { type Call, ok, type Reply, StandIn } from '../vlm/standIn.js';
import {
  captionAll,
  captionText,
  fatesOf,
  inputOf,
  listActivities,
  makeRoot,
  numbered,
  photos,
  readLines,
  windowInput,
} from './builders.js';

let root: string;
const servers: StandIn[] = [];
beforeEach(async () => {
  root = await makeRoot();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(root, { recursive: true, force: true });
});

/** Answers each picture with a caption of its own, but for what `misbehave` says. */
async function standIn(misbehave: (call: Call, numberOf: (call: Call) => number) => Reply | null = () => null) {
  const numbers = new Map<string, number>();
  for (let number = 0; number < 200; number += 1)
    numbers.set(`data:image/png;base64,${pictureOf(number, 16).toString('base64')}`, number);
  const numberOf = ({ picture }: Call) => numbers.get(picture) ?? -1;
  const server = new StandIn((call) => misbehave(call, numberOf) ?? ok(captionText(sha256(call.picture))));
  servers.push(server);
  return { server, numberOf, endpoint: { baseUrl: await server.start(), model: 'stand-in' } };
}

function askedTwice(server: StandIn): string[] {
  const pictures = server.calls.map(({ picture }) => picture);
  return pictures.filter((picture, index) => pictures.indexOf(picture) !== index);
}

describe('captioning', () => {
  it('sends each picture once with the prompt, and names model, endpoint and prompt beside each caption', async () => {
    const { server, endpoint } = await standIn();
    await photos(root, numbered(5));
    const input = inputOf({ endpoint, prompts: ['What is there?'], system: 'Be exact.', licence: 'CC0' });
    const { captions, finished } = await captionAll(root, input);
    expect(finished.counts).toMatchObject({ listed: 5, used: 5, merged: 0, rejected: 0, waiting: 0, leftOut: 0 });
    expect(server.calls[0]?.body['messages']).toMatchObject([
      { role: 'system', content: 'Be exact.' },
      { role: 'user', content: [{ type: 'image_url' }, { type: 'text', text: 'What is there?' }] },
    ]);
    expect(captions).toHaveLength(5);
    expect(captions[0]).toMatchObject({
      image: expect.stringMatching(/^\d\.png$/),
      question: 'What is there?',
      model: 'stand-in',
      endpoint: endpoint.baseUrl,
      licence: 'CC0',
    });
  });

  it('asks once for files of equal content, whatever they are called', async () => {
    const { server, endpoint } = await standIn();
    await photos(root, { 'a.png': 1, 'b.png': 1, 'deep/c.png': 1, 'd.png': 2 });
    const { finished, ledger } = await captionAll(root, inputOf({ endpoint, windowSize: 1 }));
    expect(server.calls).toHaveLength(2);
    expect(finished.counts).toMatchObject({ listed: 4, used: 2, merged: 2, byReason: { samePicture: 2 } });
    expect(fatesOf(ledger)['b.png']).toBe('merged: samePicture');
  });

  it('asks nothing again in another run, with windows of another size, another folder, or a new picture but for that', async () => {
    const { server, endpoint } = await standIn();
    await photos(root, numbered(12));
    const first = await captionAll(root, inputOf({ endpoint }));
    await photos(root, { 'new/12.png': 12 });
    const second = await captionAll(root, inputOf({ endpoint, windowSize: 3, images: 'photos/**/*.png' }), {
      run: 'run-2',
    });
    expect(server.calls).toHaveLength(13);
    expect(first.windows[0]).toMatchObject({ received: 12, reused: 0 });
    expect(second.windows.map(({ reused }) => reused).reduce((one, other) => one + other)).toBe(12);
    expect(second.finished.counts.used).toBe(13);
  });

  it('asks anew for another prompt, another decoding or another model', async () => {
    const { server, endpoint } = await standIn();
    await photos(root, numbered(2));
    await captionAll(root, inputOf({ endpoint }));
    await captionAll(root, inputOf({ endpoint, prompts: ['And now?'] }), { run: '2' });
    await captionAll(root, inputOf({ endpoint, decoding: { temperature: 0.5 } }), { run: '3' });
    await captionAll(root, inputOf({ endpoint: { ...endpoint, model: 'other' } }), { run: '4' });
    expect(server.calls).toHaveLength(8);
  });

  it('gives each picture one of several prompts, always the same one', async () => {
    const { server, endpoint } = await standIn();
    await photos(root, numbered(20));
    const prompts = ['Describe this.', 'What do you see?'];
    const { captions } = await captionAll(root, inputOf({ endpoint, prompts }));
    await captionAll(root, inputOf({ endpoint, prompts }), { run: '2' });
    expect(server.calls).toHaveLength(20);
    expect(new Set(captions.map(({ question }) => question))).toEqual(new Set(prompts));
  });

  it('keeps the pictures of a smaller limit when it grows, and leaves the others out by name', async () => {
    const { server, endpoint } = await standIn();
    await photos(root, numbered(20));
    const four = await captionAll(root, inputOf({ endpoint, limit: 4 }));
    expect(four.finished.counts).toMatchObject({ listed: 20, used: 4, leftOut: 16, byReason: { limit: 16 } });
    await captionAll(root, inputOf({ endpoint, limit: 10 }), { run: '2' });
    expect(server.calls).toHaveLength(10);
  });

  it('reads lists of paths, with the line of each that leads nowhere', async () => {
    const { endpoint } = await standIn();
    await photos(root, numbered(2));
    await writeFile(
      path.join(root, 'list.txt'),
      'photos/0.png\n{"image": "photos/1.png"}\n\nphotos/gone.png\nhttps://a.b/c.png\n',
    );
    const { ledger } = await captionAll(root, inputOf({ endpoint, images: 'list.txt' }));
    expect(ledger.map(({ source, line, fate, reason }) => [source, line, fate, reason]).sort()).toEqual([
      ['../list.txt', 1, 'used', null],
      ['../list.txt', 2, 'used', null],
      ['../list.txt', 4, 'rejected', 'imageNotFound'],
      ['../list.txt', 5, 'rejected', 'imageRemote'],
    ]);
  });

  it('takes the pictures of a dataset folder, and not those beside them', async () => {
    const { server, endpoint } = await standIn();
    await photos(root, {
      'manifest.json': '{"schema":"anneal.dataset/1"}',
      'images/1.png': 1,
      'images/2.png': 2,
      'gallery/3.png': 3,
    });
    expect((await captionAll(root, inputOf({ endpoint }))).finished.counts.used).toBe(2);
    expect(server.calls).toHaveLength(2);
  });

  it('refuses folders without pictures and paths that are not there', async () => {
    await mkdir(path.join(root, 'photos'));
    const { listPictures } = listActivities(root);
    for (const images of ['photos', 'nowhere', 'photos/*.png'])
      await expect(listPictures({ input: inputOf({ images }), run: 'r' })).rejects.toMatchObject({
        problem: { type: 'InvalidInput', what: expect.stringContaining(images) },
      });
  });

  it('sends plain files as they are, turns and flattens the others, and names what is damaged', async () => {
    const { server, endpoint } = await standIn();
    const grey = sharp({ create: { width: 40, height: 20, channels: 3, background: '#806040' } });
    const png = await grey.png().toBuffer();
    const jpeg = await grey.jpeg().toBuffer();
    await photos(root, {
      'plain.jpg': jpeg,
      'turned.jpg': await grey.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      'clear.png': await grey.clone().ensureAlpha(0.5).png().toBuffer(),
      'cut.png': png.subarray(0, png.length - 20),
      'cut.jpg': jpeg.subarray(0, jpeg.length - 40),
      'page.png': '<!doctype html><p>Not found</p>',
      'empty.png': '',
    });
    const { ledger, captions } = await captionAll(root, inputOf({ endpoint }));
    expect(fatesOf(ledger)).toEqual({
      'plain.jpg': 'used',
      'turned.jpg': 'used',
      'clear.png': 'used',
      'cut.png': 'rejected: imageDamaged',
      'cut.jpg': 'rejected: imageDamaged',
      'page.png': 'rejected: imageUnreadable',
      'empty.png': 'rejected: imageEmpty',
    });
    expect(captions).toHaveLength(3);
    const sent = server.calls.map(({ picture }) => Buffer.from(picture.split(',')[1] ?? '', 'base64'));
    const sizes = await Promise.all(sent.map((bytes) => sharp(bytes).metadata()));
    expect(sizes.map(({ width, height, channels }) => `${width}x${height}x${channels}`).sort()).toEqual([
      '20x40x3',
      '40x20x3',
      '40x20x3',
    ]);
    expect(sent.some((bytes) => bytes.equals(jpeg))).toBe(true);
  });

  it('shrinks what is longer than longestSide', async () => {
    const { server, endpoint } = await standIn();
    const wide = { width: 300, height: 100, channels: 3 as const, background: 'navy' };
    await photos(root, { 'wide.png': await sharp({ create: wide }).png().toBuffer() });
    await captionAll(root, inputOf({ endpoint, pictures: { longestSide: 150 } }));
    const sent = Buffer.from(server.calls[0]?.picture.split(',')[1] ?? '', 'base64');
    expect(await sharp(sent).metadata()).toMatchObject({ width: 150, height: 50 });
  });

  it('keeps the captions of a model that thinks aloud, not its thoughts', async () => {
    const { endpoint } = await standIn(({ picture }) => ok(`Let me see.\n</think>\n\n${captionText(sha256(picture))}`));
    await photos(root, numbered(2));
    const { captions } = await captionAll(root, inputOf({ endpoint }));
    expect(captions).toHaveLength(2);
    expect(JSON.stringify(captions)).not.toContain('think');
  });

  it('makes no strip longer than the limit by shrinking it: whole pixels would', async () => {
    const { server, endpoint } = await standIn();
    const strip = { width: 2980, height: 15, channels: 3 as const, background: 'navy' };
    await photos(root, { 'strip.png': await sharp({ create: strip }).png().toBuffer() });
    await captionAll(root, inputOf({ endpoint }));
    const sent = Buffer.from(server.calls[0]?.picture.split(',')[1] ?? '', 'base64');
    expect(await sharp(sent).metadata()).toMatchObject({ width: 2048, height: 11 });
  });

  it('that a list names and that are no files are rejected, and the others are captioned', async () => {
    const { endpoint } = await standIn();
    await photos(root, numbered(1));
    execFileSync('mkfifo', [path.join(root, 'photos/pipe.png')]);
    await symlink('nowhere.png', path.join(root, 'photos/dangling.png'));
    const [photo = ''] = Object.keys(numbered(1));
    await writeFile(path.join(root, 'photos/list.txt'), [photo, 'pipe.png', 'dangling.png'].join('\n'));
    const { ledger } = await captionAll(root, inputOf({ endpoint, images: 'photos/list.txt' }));
    const refused = 'rejected: imageNotFound';
    expect(fatesOf(ledger)).toEqual({ [photo]: 'used', 'pipe.png': refused, 'dangling.png': refused });
  });
});

describe('faults of the endpoint (case 33)', () => {
  it('passes over what passes, and gives each lasting outcome its own reason', async () => {
    const passing: Reply[] = [
      { status: 429, headers: { 'retry-after-ms': '30' }, body: 'slow down' },
      { status: 429, body: 'quota per minute' },
      { status: 500, body: 'oops' },
      { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>Service Unavailable</html>' },
      { status: 'cut', body: '{"choices":[{"mess' },
      { status: 200, body: { error: { code: 502, message: 'upstream' } } },
      { status: 'hang' },
    ];
    const lasting: Reply[] = [
      { status: 400, body: 'content_policy_violation' },
      { status: 413, body: 'request too large' },
      { status: 200, body: { content: null, refusal: 'cannot help' } },
      { status: 200, body: { content: 'A field of', finish_reason: 'length' } },
      { status: 200, body: { content: '', finish_reason: 'content_filter' } },
      ok(''),
      ok('I’m sorry, but I can’t help with that.'),
      ok('Too short.'),
      ok(`${captionText('again')} ${captionText('again')}`),
    ];
    const times = new Map<number, number>();
    const { server, endpoint } = await standIn((call, numberOf) => {
      const number = numberOf(call);
      times.set(number, (times.get(number) ?? 0) + 1);
      const passes = times.get(number) === 1 ? passing[number] : undefined;
      return passes ?? lasting[number - passing.length] ?? null;
    });
    await photos(root, numbered(30));
    const input = inputOf({ endpoint, concurrency: 4 });
    const { ledger, finished } = await captionAll(root, input, { deps: { limits: { replySeconds: 1 } } });
    expect(finished.counts).toMatchObject({ listed: 30, used: 21, rejected: 9, waiting: 0 });
    const reasons = lasting.map((_, index) => fatesOf(ledger)[`${passing.length + index}.png`]);
    expect(reasons).toEqual([
      'rejected: refused',
      'rejected: refused',
      'rejected: refused',
      'rejected: captionCut',
      'rejected: refused',
      'rejected: captionEmpty',
      'rejected: captionRefusal',
      'rejected: captionShort',
      'rejected: captionRepeats',
    ]);
    expect(server.calls).toHaveLength(30 + passing.length);
    await captionAll(root, input, { run: 'run-2' });
    expect(server.calls).toHaveLength(30 + passing.length);
  });

  it.each([
    ['a wrong key', { status: 401, body: 'bad key' }, 'bad key'],
    ['an unknown model', { status: 404, body: 'model not found' }, 'model not found'],
    ['a used-up quota', { status: 429, body: 'insufficient_quota: plan used up' }, 'insufficient_quota'],
    ['a limit of images', { status: 400, body: 'at most 1 image per request' }, 'at most 1 image'],
  ] as [string, Reply, string][])(
    'stops all at %s, with the server’s words, and keeps what came',
    async (_, reply, words) => {
      const { server, endpoint } = await standIn(() => (server.calls.length > 10 ? reply : null));
      await photos(root, numbered(40));
      const input = inputOf({ endpoint, concurrency: 2 });
      await expect(captionAll(root, input)).rejects.toMatchObject({
        problem: { type: 'EndpointRefused', what: expect.stringContaining(words) },
      });
      expect(server.calls.length).toBeLessThan(14);
      await server.stop();
      const healthy = await standIn();
      await captionAll(root, inputOf({ endpoint: healthy.endpoint, concurrency: 2 }), { run: 'run-2' });
      expect(healthy.server.calls.length).toBe(30);
    },
  );

  it('lets a picture wait that got no answer while others did, and asks for it in the next run', async () => {
    let broken = true;
    const { endpoint } = await standIn((call, numberOf) =>
      broken && numberOf(call) === 3 ? { status: 500, body: 'oops' } : null,
    );
    await photos(root, numbered(8));
    const first = await captionAll(root, inputOf({ endpoint }));
    expect(fatesOf(first.ledger)['3.png']).toBe('waiting: noAnswer');
    expect(first.finished.counts).toMatchObject({ used: 7, waiting: 1 });
    broken = false;
    const second = await captionAll(root, inputOf({ endpoint }), { run: 'run-2' });
    expect(second.finished.counts).toMatchObject({ used: 8, waiting: 0 });
    expect(second.windows[0]).toMatchObject({ received: 1, reused: 7 });
  });
});

describe('the answers', () => {
  it('survive kill -9 of a worker: none that was received is asked again, and the calls on their way are counted', async () => {
    const { server, endpoint } = await standIn(() => ({ ...ok(captionText(`${server.calls.length}`)), after: 10 }));
    await photos(root, numbered(120));
    const input = inputOf({ endpoint, concurrency: 8 });
    const listing = await listActivities(root).listPictures({ input, run: 'run-1' });
    const argument = JSON.stringify(windowInput('run-1', input, listing, 0));
    const worker = spawn(process.execPath, ['--import', 'tsx', 'test/activities/captions/child.ts', argument], {
      stdio: 'inherit',
      env: { PATH: process.env['PATH'] },
    });
    while (server.calls.length < 60) await new Promise((resolve) => setTimeout(resolve, 5));
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const before = server.calls.length;
    const { windows, finished } = await captionAll(root, input);
    const [window] = windows;
    expect(finished.counts.used).toBe(120);
    expect(window?.interrupted).toBeLessThanOrEqual(8);
    expect(server.calls.length - 120).toBe(askedTwice(server).length);
    expect(askedTwice(server).length).toBeLessThanOrEqual(window?.interrupted ?? -1);
    expect(before).toBeLessThan(120);
  });

  it('are read to the last whole line where a machine died in the middle of one', async () => {
    const { server, endpoint } = await standIn();
    await photos(root, numbered(6));
    await captionAll(root, inputOf({ endpoint }));
    const folder = path.join(root, '.anneal', 'captions', 'answers');
    const [model = ''] = await readdir(folder);
    const [file = ''] = await readdir(path.join(folder, model));
    await appendFile(path.join(folder, model, file), '{"key":"00","outco');
    expect(await readLines(path.join(folder, model, file)).catch(() => 'half')).toBe('half');
    expect((await captionAll(root, inputOf({ endpoint }), { run: '2' })).finished.counts.used).toBe(6);
    expect(server.calls).toHaveLength(6);
  });

  it('end at a cancellation with what was received', async () => {
    const cancel = new AbortController();
    const { server, endpoint } = await standIn(() => {
      if (server.calls.length === 12) cancel.abort(new Error('cancelled by a person'));
      return null;
    });
    await photos(root, numbered(40));
    const input = inputOf({ endpoint, concurrency: 4 });
    const cancelled = captionAll(root, input, { deps: { signal: () => cancel.signal } });
    await expect(cancelled).rejects.toThrow('cancelled by a person');
    const before = server.calls.length;
    expect(before).toBeLessThan(20);
    const { windows } = await captionAll(root, input, { run: 'run-1' });
    expect(windows[0]?.interrupted).toBeLessThanOrEqual(4);
    expect(server.calls.length).toBeLessThanOrEqual(40 + (windows[0]?.interrupted ?? 0));
  });
});
