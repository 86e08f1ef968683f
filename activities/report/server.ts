/** Serves the reports under `.anneal/runs` to browsers of this machine. Reads files; writes none; runs nothing. */
import { readFile, realpath } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { type Listening, listenHttp } from '../web/listening.js';
import { contentPolicy, pageOf } from './frame.js';
import { html } from './html.js';
import { runListPage } from './runList.js';

export interface ReportServerOptions {
  /** Folder of the runs' folders. */
  root: string;
  /** 0 takes any free one. */
  port: number;
  /** 127.0.0.1 when left out: reports show business data and ask nobody for a password. */
  host?: string;
  /** Makes a run's report, or those of all runs, be here as other machines have written them; they are shown as they are without it. */
  bring?: ((run?: string) => Promise<void>) | undefined;
}

type Shown = Pick<ReportServerOptions, 'root' | 'bring'>;

interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** The only files of a run that are served; the empty name is the page. */
const files: Record<string, { name: string; type: string }> = {
  '': { name: 'report.html', type: 'text/html; charset=utf-8' },
  'report.html': { name: 'report.html', type: 'text/html; charset=utf-8' },
  'report.json': { name: 'report.json', type: 'application/json; charset=utf-8' },
};

/** Throws PortTaken. */
export function startReportServer({ port, host = '127.0.0.1', ...shown }: ReportServerOptions): Promise<Listening> {
  return listenHttp((request, response) => void respond(shown, request, response), {
    what: 'the report server',
    host,
    port,
    todo: '; port 0 takes any free one.',
  });
}

async function respond(shown: Shown, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await replyTo(shown, request).catch(faultPage);
  response.writeHead(status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': `${contentPolicy}; frame-ancestors 'none'`,
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function replyTo({ root, bring }: Shown, { method, url = '/' }: IncomingMessage): Promise<Reply> {
  if (method !== 'GET' && method !== 'HEAD')
    return told(405, 'Only reading', 'Reports can be read, not changed.', { allow: 'GET, HEAD' });
  const segments = segmentsOf(url);
  if (!segments) return notFound();
  const [first, run, file, ...rest] = segments;
  if (first === '' && run === undefined) {
    await bring?.();
    return page(200, await runListPage(root));
  }
  if (first !== 'runs' || !run || rest.length > 0) return notFound();
  if (file === undefined) return { status: 308, headers: { location: `/runs/${encodeURIComponent(run)}/` }, body: '' };
  await bring?.(run);
  return (await fileOf(root, run, file)) ?? notFound();
}

/** The decoded parts of the path; null where one could lead out of its folder, or is not text. */
function segmentsOf(url: string): string[] | null {
  try {
    const segments = url
      .replace(/[?#].*$/, '')
      .split('/')
      .slice(1)
      .map(decodeURIComponent);
    const odd = (segment: string) => segment === '.' || segment === '..' || /[/\\\0]/.test(segment);
    return segments.some(odd) ? null : segments;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Links are followed before the place is judged: a run's folder is a folder in the root, and the file lies in it. */
async function fileOf(root: string, run: string, file: string): Promise<Reply | null> {
  const served = Object.hasOwn(files, file) ? files[file] : undefined;
  if (!served) return null;
  const top = await realPathOf(root);
  const real = await realPathOf(path.join(root, run, served.name));
  if (!top || real !== path.join(top, run, served.name)) return null;
  return { status: 200, headers: { 'content-type': served.type }, body: await readFile(real) };
}

/** null for a path that nothing is at. */
async function realPathOf(file: string): Promise<string | null> {
  return realpath(file).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].includes(error.code ?? '')) return null;
    throw error;
  });
}

function notFound(): Reply {
  return told(404, 'Not found', 'There is no such report. A run has one as soon as its first step begins.');
}

function faultPage(error: unknown): Reply {
  const why = error instanceof Error ? error.message : String(error);
  return told(500, 'The report can’t be shown', why);
}

function told(status: number, heading: string, text: string, headers: Record<string, string> = {}): Reply {
  const content = html`<header><p class="crumb"><span class="brand">Anneal</span></p><h1>${heading}</h1><p>${text}</p></header><section><a href="/">All runs</a></section>`;
  return page(status, pageOf({ title: heading, refresh: false }, content), headers);
}

function page(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body };
}
