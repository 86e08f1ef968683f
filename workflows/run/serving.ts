import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Endpoint } from '../../config/serving.js';
import { isProblem } from '../failures.js';
import { gpu } from '../proxies.js';

/** How often a model server of ours may die in one step before that is taken for a fault of its own. */
const maximumServerDeaths = 5;
/** How often a server is started that does not come up: memory may be free again soon, a broken model stays broken. */
const maximumStarts = 10;

export interface ServedModel {
  key: string;
  /** URI of the folder that keeps the server's log and claims. */
  folder: string;
  /** URI of the model's folder. */
  model: string;
}

/**
 * Serves a model while `use` runs, and stops the server whatever happens. A server that died is served anew and
 * `use` begins again: what was answered is kept, so only the rest is asked.
 */
export async function servingMeanwhile<Result>(
  { model, ...server }: ServedModel,
  use: (endpoint: Endpoint) => Promise<Result>,
): Promise<Result> {
  try {
    for (let deaths = 0; ; deaths += 1) {
      const endpoint = await started({ ...server, model });
      try {
        return await use(endpoint);
      } catch (error) {
        if (!isProblem(error, 'EndpointUnavailable') || deaths >= maximumServerDeaths) throw error;
      }
    }
  } finally {
    await CancellationScope.nonCancellable(() => gpu.stopServing(server));
  }
}

async function started(server: ServedModel): Promise<Endpoint> {
  for (let starts = 1; ; starts += 1) {
    try {
      return await gpu.startServing(server);
    } catch (error) {
      if (!isProblem(error, 'ServingFailed') || starts >= maximumStarts) throw error;
    }
    const wait = Math.min(60, 2 ** (starts - 1));
    await sleep(`${wait} seconds`, { summary: `${server.key} did not come up and is started again` });
  }
}
