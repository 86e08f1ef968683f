import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { createWebhookActivities } from '../../../activities/webhook/index.js';
import { signedHeaders } from '../../../activities/webhook/signature.js';
import { Webhook } from '../../../config/retraining.js';
import { WebhookEvent } from '../../../config/webhook.js';
import { type Received, type Receiver, startReceiver } from './receiver.js';

const key = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const at = 1_614_265_330_000;
const event = { type: 'retrain.promoted', task: 'parts', run: 'r', reason: 'A gain.', version: 2, champion: null };

const activities = (secret: string | undefined = `whsec_${key}`) =>
  createWebhookActivities({
    environment: (name) => (name === 'ANNEAL_WEBHOOK_SECRET' ? secret : undefined),
    signal: () => new AbortController().signal,
    now: () => at,
  });
const webhookOf = (url: string, change: object = { allowPrivate: true }) => Webhook.parse({ url, ...change });
const call = (url: string, change?: object) =>
  activities().callWebhook({ webhook: webhookOf(url, change), id: 'run-1', event });

describe('signedHeaders', () => {
  it('signs as the specification’s own example does', () =>
    expect(
      signedHeaders(`whsec_${key}`, { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at, body: '{"test": 2432232314}' }),
    ).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    }));
});

describe('callWebhook', () => {
  let receiver: Receiver;
  let answer: Parameters<typeof startReceiver>[0] = () => ({ status: 204 });
  beforeAll(async () => {
    receiver = await startReceiver((count) => answer(count));
  });
  afterAll(() => receiver.stop());
  beforeEach(() => {
    answer = () => ({ status: 204 });
    receiver.received.length = 0;
  });

  it('sends what happened, signed over the very bytes that arrive', async () => {
    await call(receiver.url);
    const [{ headers, body }] = receiver.received as [Received];
    const { timestamp, ...sent } = JSON.parse(body);
    expect(WebhookEvent.parse(sent)).toEqual(event);
    expect(timestamp).toBe(new Date(at).toISOString());
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(headers['content-type']).toBe('application/json');
  });

  it.each([
    [408, 'EndpointUnavailable'],
    [429, 'EndpointUnavailable'],
    [503, 'EndpointUnavailable'],
    [400, 'EndpointRefused'],
    [401, 'EndpointRefused'],
    [404, 'EndpointRefused'],
  ])('an answer of %d is %s', async (status, type) => {
    answer = () => ({ status });
    await expect(call(receiver.url)).rejects.toMatchObject({
      problem: { type, what: expect.stringContaining(String(status)) },
    });
    expect(receiver.received).toHaveLength(1);
  });

  it('follows no redirect, wherever it leads', async () => {
    answer = () => ({ status: 307, headers: { location: `${receiver.url}/elsewhere` } });
    await expect(call(receiver.url)).rejects.toMatchObject({
      problem: { type: 'EndpointRefused', what: expect.stringContaining('redirects are not followed') },
    });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('takes nobody who listens for a passing fault', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    await expect(call(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      problem: { type: 'EndpointUnavailable', what: expect.stringContaining('ECONNREFUSED') },
    });
  });

  it.each([
    ['an address', (url: string) => url],
    ['a name that leads there', (url: string) => url.replace('127.0.0.1', 'localhost')],
    ['the same address written as a number', (url: string) => url.replace('127.0.0.1', '2130706433')],
    ['the same address inside IPv6', (url: string) => url.replace('127.0.0.1', '[::ffff:127.0.0.1]')],
  ])('calls no private address unless allowed: %s', async (_, written) => {
    for (const act of [
      () => call(written(receiver.url), {}),
      () => activities().checkWebhook(webhookOf(written(receiver.url), {})),
    ])
      await expect(act()).rejects.toMatchObject({
        problem: { type: 'InvalidInput', what: expect.stringContaining('not an address of the public internet') },
      });
    expect(receiver.received).toEqual([]);
  });

  it('does not use a connection that an allowed call left open', async () => {
    await call(receiver.url);
    await expect(call(receiver.url.replace('127.0.0.1', 'localhost'), {})).rejects.toThrow('public internet');
    expect(receiver.received).toHaveLength(1);
  });

  it('says which variable lacks the key, and shows neither query nor password', async () => {
    const webhook = webhookOf(receiver.url);
    await expect(activities('').checkWebhook(webhook)).rejects.toThrow('ANNEAL_WEBHOOK_SECRET is not set');
    answer = () => ({ status: 500 });
    const secretive = receiver.url.replace('http://', 'http://ada:lovelace@');
    const failed = await call(`${secretive}?token=abc`).catch((error: Error) => error.message);
    expect(failed).toContain('/hook');
    expect(failed).not.toMatch(/token|abc|lovelace/);
  });

  it('lets pass what may be called', () => activities().checkWebhook(webhookOf(receiver.url)));
});
