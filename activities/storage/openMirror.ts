/** The store that the environment names, behind a project's `.anneal`. */
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { problem } from '../../config/problems.js';
import { Mirror } from './mirror.js';
import { openStore } from './openStore.js';

/** Says where the files of a store lie on every worker's disk: job folders and answers name local paths. */
const placeKey = 'place.json';

/**
 * undefined where ANNEAL_STORE is not set: then files stay in the project folder. Throws `StorageUnavailable` with what is
 * wrong, and `InvalidInput` where other workers of this store have their project folder elsewhere.
 */
export async function openMirror(root: string, uri = process.env['ANNEAL_STORE']): Promise<Mirror | undefined> {
  if (!uri) return undefined;
  const store = await openStore(uri);
  await store.check();
  const folder = path.join(path.resolve(root), '.anneal');
  const place = JSON.stringify({ schema: 'anneal.store/1', folder });
  if (!(await store.putIfAbsent(placeKey, place))) {
    const told = await text(await store.read(placeKey));
    if (told !== place) throw elsewhere(store.uri, told, folder);
  }
  return new Mirror(store, folder);
}

function elsewhere(uri: string, told: string, folder: string): Error {
  return problem('InvalidInput', {
    what: `The workers of this store keep its files in another folder: ${told}; this one has ${folder}.`,
    where: `${uri}/${placeKey}`,
    todo: 'Give the project folder the same path on every machine, or this project a store of its own.',
  });
}
