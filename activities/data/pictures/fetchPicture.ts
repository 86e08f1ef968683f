/** Fetches one picture from the web, within bounds of size and time, and from public addresses only. */
import http from 'node:http';
import https from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { publicLookup, requirePublicHost } from '../../web/publicLookup.js';
import { quoted, RowFault } from '../faults.js';

export interface FetchLimits {
  maximumBytes: number;
  /** For one answer, redirects apart. */
  timeoutMilliseconds: number;
  /** Whether addresses of the own network may be called. */
  allowPrivate: boolean;
  /** Between attempts, the first and the second. */
  pausesMilliseconds: readonly number[];
}

export const usualLimits: Omit<FetchLimits, 'allowPrivate'> = {
  maximumBytes: 64 * 1024 * 1024,
  timeoutMilliseconds: 30_000,
  pausesMilliseconds: [1_000, 5_000],
};

const maximumRedirects = 5;

/** A fault that another attempt may mend. */
class Passing extends Error {}

/** A picture whose host gave no answer at all in any attempt: no such name, no connection, no time. */
export class HostSilent extends RowFault {}

/**
 * Throws `RowFault` `imageNotFetched` when the picture can't be had, after further attempts where those may help, of the
 * class `HostSilent` where nobody answered.
 */
export async function fetchPicture(url: string, limits: FetchLimits): Promise<Buffer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await follow(url, limits);
    } catch (error) {
      if (error instanceof RowFault) throw error;
      const pause = limits.pausesMilliseconds[attempt];
      const why = error instanceof Passing ? error.message : ((error as NodeJS.ErrnoException).code ?? String(error));
      const Fault = error instanceof Passing ? RowFault : HostSilent;
      if (pause === undefined) throw new Fault('imageNotFetched', `${shown(url)}: ${why}`, { cause: error });
      await wait(pause);
    }
  }
}

async function follow(url: string, limits: FetchLimits): Promise<Buffer> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= maximumRedirects; redirects += 1) {
    const answer = await get(at, limits);
    if (Buffer.isBuffer(answer)) return answer;
    at = new URL(answer.location, at);
  }
  throw new RowFault('imageNotFetched', `${shown(url)} is redirected more than ${maximumRedirects} times`);
}

/** One request: the body, or where to go on. */
async function get(url: URL, limits: FetchLimits): Promise<Buffer | { location: string }> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new RowFault('imageRemote', `${shown(url.href)} is no web address`);
  if (!limits.allowPrivate) requirePublicHost(url, notPublic);
  const response = await request(url, limits);
  const { statusCode: status = 0, headers } = response;
  if (status >= 300 && status < 400 && headers.location) {
    response.resume();
    return { location: headers.location };
  }
  if (status !== 200) {
    response.resume();
    if (status === 408 || status === 429 || status >= 500) throw new Passing(`it answered ${status}`);
    throw new RowFault('imageNotFetched', `${shown(url.href)} answered ${status}`);
  }
  return bodyOf(response, shown(url.href), limits.maximumBytes);
}

function request(url: URL, limits: FetchLimits): Promise<http.IncomingMessage> {
  const { get: send } = url.protocol === 'https:' ? https : http;
  const options = {
    headers: { accept: 'image/*', 'user-agent': 'anneal' },
    signal: AbortSignal.timeout(limits.timeoutMilliseconds),
    ...(limits.allowPrivate ? {} : { lookup: publicLookup(notPublic) }),
  };
  return new Promise((resolve, reject) => {
    send(url, options, resolve).on('error', reject);
  });
}

function notPublic(host: string, address: string): RowFault {
  return new RowFault('imageNotFetched', `${host} is ${address}, which is not an address of the public internet`);
}

async function bodyOf(response: http.IncomingMessage, named: string, maximumBytes: number): Promise<Buffer> {
  const tooLarge = new RowFault('imageTooLarge', `${named} is over ${maximumBytes} bytes`);
  if (Number(response.headers['content-length'] ?? 0) > maximumBytes) {
    response.destroy();
    throw tooLarge;
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size > maximumBytes) throw tooLarge;
  }
  return Buffer.concat(parts);
}

/** Without what may be a secret: credentials and the query. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return quoted(`${origin}${pathname}`, 200);
}
