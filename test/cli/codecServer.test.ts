import { defaultPayloadConverter } from '@temporalio/common';
import type { Listening } from '../../activities/web/listening.js';
import { startCodecServer } from '../../cli/codecServer.js';
import { EncryptionCodec } from '../../connection/codec.js';
import { keysFrom, newKeyLine } from '../../connection/keys.js';
import { makeRoot, removeRoot } from '../cli/dev/supervisor.js';
import { anneal } from '../cli/shells.js';

const page = 'http://127.0.0.1:8233';
const codec = new EncryptionCodec(keysFrom({ ANNEAL_ENCRYPTION_KEYS: newKeyLine() }));
const json = { 'content-type': 'application/json' };
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');
const body = JSON.stringify({
  payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64('"Is the invoice paid?"') }],
});

describe('the codec server', () => {
  let server: Listening;
  let guarded: Listening;
  beforeAll(async () => {
    const options = { codec, port: 0, host: '127.0.0.1', origins: [page] };
    server = await startCodecServer(options);
    guarded = await startCodecServer({ ...options, token: 'let me in' });
  });
  afterAll(() => Promise.all([server.close(), guarded.close()]));

  const ask = (path: string, init: RequestInit = {}, of = server) =>
    fetch(`${of.url}${path}`, { method: 'POST', body, ...init, headers: { ...json, ...init.headers } });

  it('encrypts and decrypts what Temporal’s page and command send', async () => {
    const hidden = await (await ask('/encode')).text();
    expect(hidden).not.toContain(base64('"Is the invoice paid?"'));
    const answer = await ask('/decode', { body: hidden });
    expect(await answer.json()).toEqual(JSON.parse(body));
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('is open to the named page, and to no other', async () => {
    const asked = { method: 'OPTIONS', body: null };
    const allowed = await ask('/decode', { ...asked, headers: { origin: page } });
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(page);
    expect(allowed.headers.get('access-control-allow-headers')).toContain('X-Namespace');
    for (const init of [asked, {}]) {
      const refused = await ask('/decode', { ...init, headers: { origin: 'http://evil.example' } });
      expect(refused.status).toBe(403);
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
      expect(await refused.text()).not.toContain('invoice');
    }
  });

  it('asks for the token where there is one', async () => {
    const statusWith = async (headers: Record<string, string>) => (await ask('/encode', { headers }, guarded)).status;
    expect(await statusWith({})).toBe(401);
    expect(await statusWith({ authorization: 'Bearer let me' })).toBe(401);
    expect(await statusWith({ authorization: 'Bearer let me in' })).toBe(200);
  });

  it.each([
    ['another path', '/keys', {}, 404],
    ['reading', '/decode', { method: 'GET', body: null }, 405],
    ['text', '/decode', { headers: { 'content-type': 'text/plain' } }, 415],
    ['no JSON', '/decode', { body: '{"payloads"' }, 400],
    ['no payloads', '/decode', { body: '{"payload": []}' }, 400],
    ['no base64', '/decode', { body: '{"payloads": [{"data": "?"}]}' }, 400],
    ['more than 16 MiB', '/decode', { body: ' '.repeat(17 * 1024 * 1024) }, 413],
  ])('refuses %s', async (_, path, init: RequestInit, status) => {
    expect((await ask(path, init)).status).toBe(status);
  });

  it('says which key is missing', async () => {
    const foreign = new EncryptionCodec(keysFrom({ ANNEAL_ENCRYPTION_KEYS: newKeyLine() }));
    const [hidden] = await foreign.encode([defaultPayloadConverter.toPayload('x') as never]);
    const metadata = Object.entries(hidden?.metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)]);
    const payloads = [{ metadata: Object.fromEntries(metadata), data: base64(hidden?.data ?? '') }];
    const answer = await ask('/decode', { body: JSON.stringify({ payloads }) });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('A payload is encrypted with the key');
  });
});

describe('anneal codec', () => {
  const ANNEAL_ENCRYPTION_KEYS = newKeyLine();

  it.each([
    ['there is no key', {}, [], 'There is no encryption key.'],
    ['it would be open to the network without a token', { ANNEAL_ENCRYPTION_KEYS }, ['--host', '0.0.0.0'], 'no token'],
    ['an origin is none', { ANNEAL_ENCRYPTION_KEYS }, ['--origin', 'temporal'], 'is not the address of a web page'],
  ])('is refused where %s', async (_, env, argv, says) => {
    const root = await makeRoot();
    const { code, talk } = await anneal(root, env, 'codec', ...argv);
    await removeRoot(root);
    expect(code).toBe(2);
    expect(talk).toContain(says);
  });
});
