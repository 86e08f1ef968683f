/** Tells an address of the user's what happened: signed, to public addresses only unless allowed, never redirected. */
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { problem } from '../../config/problems.js';
import type { Webhook } from '../../config/retraining.js';
import type { WebhookEvent } from '../../config/webhook.js';
import { isPublic } from '../web/publicAddress.js';
import { hostOf, publicLookup, requirePublicHost } from '../web/publicLookup.js';
import { signedHeaders } from './signature.js';

export interface WebhookDeps {
  /** Where the key is read from: its variable's name travels, the key never does. */
  environment(name: string): string | undefined;
  signal(): AbortSignal;
  now(): number;
}

export interface CallInput {
  webhook: Webhook;
  /** The same for every attempt at one event. */
  id: string;
  event: WebhookEvent;
}

const answerMilliseconds = 15_000;

export function createWebhookActivities(deps: WebhookDeps) {
  return {
    /** Whether it could be called, before anything is spent. Throws InvalidInput where its key is missing or its address is not public. */
    async checkWebhook(webhook: Webhook): Promise<void> {
      secretOf(deps, webhook);
      if (webhook.allowPrivate) return;
      const url = new URL(webhook.url);
      requirePublicHost(url, notPublic);
      const addresses = await lookup(hostOf(url), { all: true }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOTFOUND' ? unknownHost(webhook, error) : error;
      });
      const inner = addresses.find(({ address }) => !isPublic(address));
      if (inner) throw notPublic(hostOf(url), inner.address);
    },

    /**
     * One attempt at one call. Throws EndpointUnavailable where another attempt may help (no answer, 408, 429, 5xx), else
     * EndpointRefused (any other answer that is no 2xx) or InvalidInput (no key, an address that is not public).
     */
    async callWebhook({ webhook, id, event }: CallInput): Promise<void> {
      const at = deps.now();
      const body = JSON.stringify({ ...event, timestamp: new Date(at).toISOString() });
      const headers = {
        'content-type': 'application/json',
        ...signedHeaders(secretOf(deps, webhook), { id, at, body }),
      };
      const status = await post(webhook, { headers, body, signal: deps.signal() });
      if (status >= 200 && status < 300) return;
      throw refusedWith(webhook, status);
    },
  };
}
export type WebhookActivities = ReturnType<typeof createWebhookActivities>;

interface Post {
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/** The status of the answer. A connection of its own: one kept from before may lead where the check would not let it. */
async function post({ url: text, allowPrivate }: Webhook, { headers, body, signal }: Post): Promise<number> {
  const url = new URL(text);
  if (!allowPrivate) requirePublicHost(url, notPublic);
  const { request } = url.protocol === 'https:' ? https : http;
  const options = {
    method: 'POST',
    agent: false as const,
    headers: { ...headers, 'user-agent': 'anneal', 'content-length': String(Buffer.byteLength(body)) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMilliseconds)]),
    ...(allowPrivate ? {} : { lookup: publicLookup(notPublic) }),
  };
  return new Promise((resolve, reject) => {
    request(url, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', (error) => reject(signal.aborted ? error : unreached(text, error)))
      .end(body);
  });
}

function secretOf({ environment }: WebhookDeps, { secretVariable }: Webhook): string {
  const secret = environment(secretVariable);
  if (secret) return secret;
  throw problem('InvalidInput', {
    what: `The environment variable ${secretVariable} is not set: calls of the webhook could not be signed.`,
    where: 'retrain.webhook.secretVariable',
    todo: 'Set it where `anneal dev` is started, to a long random text or whsec_<base64>.',
  });
}

function notPublic(host: string, address: string): Error {
  return problem('InvalidInput', {
    what: `${host} is ${address}, which is not an address of the public internet.`,
    where: 'retrain.webhook.url',
    todo: 'Name a public address, or set retrain.webhook.allowPrivate if it is meant.',
  });
}

function unknownHost({ url }: Webhook, cause: Error): Error {
  const todo = 'Correct the address.';
  return problem('InvalidInput', { what: 'No such host is known.', where: shown(url), todo }, { cause });
}

/** A problem passes as it is; any other error is the network's. */
function unreached(url: string, error: NodeJS.ErrnoException): Error {
  if (error.name === 'ProblemError') return error;
  return problem(
    'EndpointUnavailable',
    {
      what: `The webhook did not answer: ${error.code ?? error.message}.`,
      where: shown(url),
      todo: 'Start the receiver.',
    },
    { cause: error },
  );
}

function refusedWith({ url }: Webhook, status: number): Error {
  const mayPass = status === 408 || status === 429 || status >= 500;
  const redirect = status >= 300 && status < 400;
  return problem(mayPass ? 'EndpointUnavailable' : 'EndpointRefused', {
    what: `The webhook answered ${status}${redirect ? '; redirects are not followed' : ''}.`,
    where: shown(url),
    todo: redirect ? 'Name the address that it redirects to.' : 'Look into the receiver’s log.',
  });
}

/** Without what may be a secret: credentials and the query. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
