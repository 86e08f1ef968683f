/** Finds a generic source (R12): in a folder, in the hub's cache on this machine, or on the hub; its licence before its bytes. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type FoundSource,
  type GenericSource,
  type GenericWish,
  genericSources,
} from '../../../config/genericSources.js';
import { problem } from '../../../config/problems.js';
import { didYouMean } from '../../../config/suggest.js';
import { download, isRight } from './download.js';
import { commitOf, type Hub, type HubFile, listFiles, resolveUrl } from './hub.js';
import { cacheFolder, type Environment, filesBelow, HubCache } from './hubCache.js';
import { cardLicence, requireLicence } from './licences.js';
import { matching } from './patterns.js';

export interface FetchDeps {
  environment: Environment;
  signal: AbortSignal;
  /** Told how many bytes of a source have come. May throw to end the fetching. */
  heartbeat: (bytes: number) => void;
  attempts?: number;
  firstPauseMilliseconds?: number;
}

const card = 'README.md';
const listedFiles = 200;

/** A source by its name. Throws `InvalidInput` with the nearest known one. */
export function sourceNamed(name: string): GenericSource {
  const source = genericSources.get(name);
  if (source) return source;
  const near = didYouMean(name, [...genericSources.keys()]);
  throw problem('InvalidInput', {
    what: `There is no generic source "${name.slice(0, 80)}".${near ? ` Did you mean "${near}"?` : ''}`,
    where: 'task.json, key "generic.sources"',
    todo: `Name one of ${[...genericSources.keys()].join(', ')}, or describe your own as an object.`,
  });
}

/**
 * Makes the files of a source lie on this machine, each fetched once. Throws `InvalidInput` for a licence that is not
 * allowed, files over the cap and patterns that fit nothing, and as the hub's own functions do.
 */
export async function fetchSource(wish: GenericWish, deps: FetchDeps): Promise<FoundSource> {
  const { source } = wish;
  if (source.folder !== undefined)
    return inFolder(wish, source.folder, { from: 'folder', commit: null, inside: source.folder });
  if (source.repository === undefined)
    throw problem('InvalidInput', {
      what: `The generic source "${source.id}" says neither where it lies nor its repository.`,
      where: 'task.json, key "generic.sources"',
      todo: 'Give it a "repository" on the hub, or a "folder".',
    });
  const cache = new HubCache(cacheFolder(deps.environment), source.repository);
  if (['1', 'true'].includes(deps.environment('HF_HUB_OFFLINE') ?? '')) return cached(wish, cache, null);
  try {
    return await fromHub({ ...wish, repository: source.repository }, cache, deps);
  } catch (error) {
    if ((error as { problem?: { type?: string } }).problem?.type !== 'EndpointUnavailable') throw error;
    return cached(wish, cache, error);
  }
}

/**
 * What lies in the cache. Without a `failure` of the hub the machine is offline by wish, and what any program left there
 * is taken; after one only what is known to be whole.
 */
async function cached(wish: GenericWish, cache: HubCache, failure: unknown): Promise<FoundSource> {
  const { source } = wish;
  const commit = await cache.commitOf(source.revision);
  if (commit !== null && (failure === null || (await isWhole(source, cache, commit))))
    return inFolder(wish, cache.snapshot(commit), { from: 'cache', commit, inside: cache.folder });
  if (failure !== null) throw failure;
  throw problem('InvalidInput', {
    what: `The generic source "${source.id}" is not on this machine, and HF_HUB_OFFLINE forbids to fetch it.`,
    where: 'task.json, key "generic.sources"',
    todo: 'Unset HF_HUB_OFFLINE, or name a "folder" that holds it.',
  });
}

async function isWhole({ files, images }: GenericSource, cache: HubCache, commit: string): Promise<boolean> {
  const listing = await cache.listing(commit);
  if (listing === null) return false;
  for (const file of matching([...listing.keys()], [...files, ...images]))
    if (!(await cache.holds(commit, file, listing.get(file) ?? 0))) return false;
  return true;
}

async function inFolder(
  { source, licences }: GenericWish,
  folder: string,
  { from, commit, inside }: Pick<FoundSource, 'from' | 'commit' | 'inside'>,
): Promise<FoundSource> {
  const there = await filesBelow(folder);
  const ownCard = there.includes(card) ? cardLicence(await readFile(path.join(folder, card), 'utf8')) : null;
  requireLicence(source, ownCard, licences);
  const files = matching(there, source.files);
  if (files.length === 0) throw nothingFits(source, folder);
  const images = matching(there, source.images).filter((file) => !files.includes(file));
  let bytes = 0;
  for (const file of [...files, ...images]) bytes += (await stat(path.join(folder, file))).size;
  return {
    id: source.id,
    from,
    repository: source.repository ?? null,
    commit,
    licence: source.licence,
    cardLicence: ownCard,
    language: source.language,
    type: source.type,
    folder,
    inside,
    files: files.slice(0, listedFiles),
    patterns: source.files.filter((pattern) => matching(files, [pattern]).length > 0),
    images: images.length,
    bytes,
  };
}

async function fromHub(
  wish: GenericWish & { repository: string },
  cache: HubCache,
  deps: FetchDeps,
): Promise<FoundSource> {
  const { source, repository, licences, maximumBytes } = wish;
  const endpoint = (deps.environment('HF_ENDPOINT') ?? 'https://huggingface.co').replace(/\/+$/, '');
  const hub: Hub = { endpoint, token: deps.environment('HF_TOKEN') ?? null, signal: deps.signal };
  const { commit, listing } = await pinned(hub, repository, source.revision);
  const revision = commit ?? source.revision;
  const keep = (file: HubFile) => fetchFile({ hub, repository, revision, file }, cache, deps);
  const ownCard = listing.find((file) => file.path === card);
  if (ownCard) await keep(ownCard);
  const text = ownCard ? await readFile(path.join(cache.snapshot(revision), card), 'utf8') : '';
  requireLicence(source, cardLicence(text), licences);
  const paths = listing.map((file) => file.path);
  const wanted = new Set(matching(paths, [...source.files, ...source.images]));
  if (matching(paths, source.files).length === 0) throw nothingFits(source, `${endpoint}/datasets/${repository}`);
  const files = listing.filter((file) => wanted.has(file.path));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > maximumBytes) throw tooLarge(source, { bytes, maximumBytes, files: files.length });
  for (const file of files) await keep(file);
  await cache.keepListing(revision, new Map(listing.map(({ path: name, size }) => [name, size])));
  await cache.remember(source.revision, revision);
  return inFolder(wish, cache.snapshot(revision), { from: 'hub', commit, inside: cache.folder });
}

/** The listing of one commit, so that a branch that moves meanwhile mixes no two states. */
async function pinned(
  hub: Hub,
  repository: string,
  revision: string,
): Promise<{ commit: string | null; listing: HubFile[] }> {
  const listing = (await listFiles(hub, repository, revision)).map(insideOnly);
  const [first] = listing;
  const commit = first ? await commitOf(hub, resolveUrl(hub, repository, revision, first.path)) : null;
  if (commit === null || commit === revision) return { commit, listing };
  return { commit, listing: (await listFiles(hub, repository, commit)).map(insideOnly) };
}

/** A listing may not lead out of the snapshot's folder. */
function insideOnly(file: HubFile): HubFile {
  if (!file.path.startsWith('/') && !/(?:^|[\\/])\.\.?(?:[\\/]|$)/.test(file.path)) return file;
  throw problem('DatasetInvalid', {
    what: `The hub's listing names a path outside of the dataset: ${file.path.slice(0, 200)}.`,
    where: 'the listing of its files',
    todo: 'Do not use this source.',
  });
}

interface Fetching {
  hub: Hub;
  repository: string;
  revision: string;
  file: HubFile;
}

/** A file that is there is taken as it was proven when it came; only its size is looked at again. */
async function fetchFile({ hub, repository, revision, file }: Fetching, cache: HubCache, deps: FetchDeps) {
  if (await cache.holds(revision, file.path, file.size)) return;
  const blob = file.checksum?.hex ?? `${revision}-${file.path.replaceAll('/', '--')}`;
  const url = resolveUrl(hub, repository, revision, file.path);
  const into = cache.blob(blob);
  const { attempts, firstPauseMilliseconds, heartbeat } = deps;
  if (!(await isRight(into, { ...file, checksum: null })))
    await download({
      hub,
      url,
      file,
      into,
      heartbeat,
      ...(attempts === undefined ? {} : { attempts }),
      ...(firstPauseMilliseconds === undefined ? {} : { firstPauseMilliseconds }),
    });
  await cache.link(revision, file.path, blob);
}

function nothingFits({ id, files }: GenericSource, where: string): Error {
  return problem('InvalidInput', {
    what: `No file of the generic source "${id}" fits ${files.join(', ').slice(0, 300)}.`,
    where: where.slice(0, 300),
    todo: 'Correct "files" of the source: paths relative to its folder, with * and **.',
  });
}

function tooLarge({ id }: GenericSource, of: { bytes: number; maximumBytes: number; files: number }): Error {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return problem('InvalidInput', {
    what: `The generic source "${id}" takes ${gigabytes(of.bytes)} in ${of.files} files, over ${gigabytes(of.maximumBytes)}.`,
    where: 'task.json, key "generic.maximumGigabytes"',
    todo: 'Raise the limit, or name fewer files by an object in "generic.sources".',
  });
}
