/** What a command sees of the store of ANNEAL_STORE: reports of runs that were made on other machines. */
import path from 'node:path';
import { bringPage, bringReports } from '../activities/report/bringReports.js';
import { Mirror } from '../activities/storage/mirror.js';
import { openStore } from '../activities/storage/openStore.js';
import { ProblemError } from '../config/problems.js';
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

/** Pages that list runs load themselves anew every few seconds; the store is asked this often at most, in milliseconds. */
const listingMilliseconds = 15_000;

/** For a server of reports. A store that is away is said, and what is here is shown; undefined where there is no store. */
export async function storedReportBringer(
  place: Place,
  say: (line: string) => void,
): Promise<((run?: string) => Promise<void>) | undefined> {
  const mirror = await storeOf(place);
  if (!mirror) return undefined;
  const runs = runsFolder(place.root);
  let listed = Number.NEGATIVE_INFINITY;
  return async (run) => {
    if (run === undefined && Date.now() - listed < listingMilliseconds) return;
    if (run === undefined) listed = Date.now();
    try {
      await (run === undefined ? bringReports(mirror, runs) : bringPage(mirror, path.join(runs, run)));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      say(`${error.problem.what} Reports are shown as this machine has them.`);
    }
  };
}
