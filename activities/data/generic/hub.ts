/** A hub of datasets, or a mirror of one: the two routes that fetching needs. Knows nothing of where files are kept. */
import { z } from 'zod';
import { problem } from '../../../config/problems.js';

const TreeEntry = z.looseObject({
  type: z.string(),
  path: z.string(),
  size: z.number().nonnegative().default(0),
  oid: z.string().default(''),
  lfs: z.looseObject({ oid: z.string() }).nullish(),
});

export interface HubFile {
  path: string;
  size: number;
  /** What its content must hash to: SHA-256 of large files, git's SHA-1 of a blob for others; null where none is told. */
  checksum: { kind: 'sha256' | 'gitBlob'; hex: string } | null;
}

export interface Hub {
  /** Without a slash at its end. */
  endpoint: string;
  token: string | null;
  signal: AbortSignal;
}

/** Pages of a listing at most: a thousand files each. */
const maximumPages = 1000;

export function headersOf({ token }: Pick<Hub, 'token'>): Record<string, string> {
  return token ? { authorization: `Bearer ${token}` } : {};
}

export function resolveUrl(hub: Hub, repository: string, revision: string, file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `${hub.endpoint}/datasets/${repository}/resolve/${encodeURIComponent(revision)}/${path}`;
}

/** Every file of a dataset at a revision. Throws as `problemOf`. */
export async function listFiles(hub: Hub, repository: string, revision: string): Promise<HubFile[]> {
  const files: HubFile[] = [];
  let next: string | null =
    `${hub.endpoint}/api/datasets/${repository}/tree/${encodeURIComponent(revision)}?recursive=true`;
  for (let page = 0; next !== null && page < maximumPages; page++) {
    const url: string = next;
    const response = await ask(hub, url, headersOf(hub));
    if (!response.ok) throw problemOf(response.status, url);
    const entries = z.array(TreeEntry).safeParse(await response.json().catch(() => null));
    if (!entries.success) throw notAHub(url);
    files.push(...entries.data.filter(({ type }) => type === 'file').map(fileOf));
    next = nextPage(response.headers.get('link'), url);
  }
  return files;
}

function fileOf({ path, size, oid, lfs }: z.infer<typeof TreeEntry>): HubFile {
  if (lfs) return { path, size, checksum: { kind: 'sha256', hex: lfs.oid.replace(/^sha256:/, '') } };
  return { path, size, checksum: /^[0-9a-f]{40}$/.test(oid) ? { kind: 'gitBlob', hex: oid } : null };
}

/** RFC 8288. A mirror may answer with its own address or the hub's; pages are asked of the endpoint in either case. */
function nextPage(link: string | null, from: string): string | null {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
  if (target === undefined) return null;
  const { pathname, search } = new URL(target, from);
  return new URL(`${pathname}${search}`, from).href;
}

/** The commit that a revision stands for, which the hub says with any file of it; null where a mirror does not. */
export async function commitOf(hub: Hub, url: string): Promise<string | null> {
  const response = await ask(hub, url, { ...headersOf(hub), range: 'bytes=0-0' }, 'manual');
  await response.body?.cancel();
  if (response.status >= 400 && response.status !== 416) throw problemOf(response.status, url);
  const commit = response.headers.get('x-repo-commit');
  return commit !== null && /^[0-9a-f]{40}$/.test(commit) ? commit : null;
}

/** One request. On the way to another host fetch drops the authorization. Throws `EndpointUnavailable` without a reply. */
export async function ask(
  { signal }: Pick<Hub, 'signal'>,
  url: string,
  headers: Record<string, string>,
  redirect: 'follow' | 'manual' = 'follow',
): Promise<Response> {
  try {
    return await fetch(url, { headers, signal, redirect });
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable(url, 'There is no reply', error);
  }
}

export function unavailable(url: string, says: string, cause?: unknown): Error {
  return problem(
    'EndpointUnavailable',
    {
      what: `${says} from the hub of datasets.`,
      where: url.slice(0, 300),
      todo: 'Check the network, set HF_ENDPOINT to a mirror, or name a local "folder" of the source.',
    },
    { cause },
  );
}

function notAHub(url: string): Error {
  return problem('EndpointRefused', {
    what: 'The reply is no listing of files.',
    where: url.slice(0, 300),
    todo: 'Set HF_ENDPOINT to the address of a hub or a mirror of it.',
  });
}

/** What a refusal means. Throws nothing itself. */
export function problemOf(status: number, url: string): Error {
  const where = url.slice(0, 300);
  if (status === 401 || status === 403)
    return problem('EndpointRefused', {
      what: `The hub refuses the dataset (${status}).`,
      where,
      todo: 'Accept its terms on its page, and set HF_TOKEN to a token that may read it.',
    });
  if (status === 404)
    return problem('InvalidInput', {
      what: 'The hub has no such dataset, revision or file (404).',
      where,
      todo: 'Correct "repository" and "revision" of the source.',
    });
  if (status >= 500 || status === 429 || status === 408) return unavailable(url, `A fault (${status})`);
  return problem('EndpointRefused', {
    what: `The hub answers ${status}.`,
    where,
    todo: 'Check HF_ENDPOINT and the source.',
  });
}
