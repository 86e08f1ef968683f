/** What a command sees of the store of ANNEAL_STORE: reports of runs that were made on other machines. */
import { bringPage, bringReports } from '../activities/report/bringReports.js';
import { Mirror } from '../activities/storage/mirror.js';
import { openStore } from '../activities/storage/openStore.js';
import { annealFolder, runsFolder } from './paths.js';
import type { Shell } from './shell.js';

type Place = Pick<Shell, 'root' | 'env'>;

/** This folder's `.anneal` over the store, for reading; undefined where there is none. Throws InvalidInput for a URI that is no store's. */
export async function storeOf({ root, env }: Place): Promise<Mirror | undefined> {
  const uri = env['ANNEAL_STORE'];
  return uri ? new Mirror(await openStore(uri), annealFolder(root)) : undefined;
}

/** Makes the runs of the store be listed here. Throws StorageUnavailable. */
export async function bringStoredReports(place: Place): Promise<void> {
  const mirror = await storeOf(place);
  if (mirror) await bringReports(mirror, runsFolder(place.root));
}

/** Makes the page of a run be in its folder, where the store has it. Throws StorageUnavailable. */
export async function bringStoredPage(place: Place, folder: string): Promise<void> {
  const mirror = await storeOf(place);
  if (mirror) await bringPage(mirror, folder);
}
