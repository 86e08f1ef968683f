/** Fetching generic datasets: the capability behind `generic.sources` of a task (R12). */
import path from 'node:path';
import { type FoundSource, type GenericWish, SourceTerms } from '../../../config/genericSources.js';
import type { SourceFile } from '../../../config/resolved.js';
import { fetchSource } from './fetchSource.js';
import type { Environment } from './hubCache.js';

export interface GenericDeps {
  heartbeat: (details: unknown) => void;
  /** Aborted when the fetching shall end; what has come stays for the next attempt. */
  signal: () => AbortSignal;
  environment: Environment;
}

export interface FetchedSource {
  /** Patterns of its record files, for a build. */
  files: SourceFile[];
  terms: SourceTerms;
}

export function createGenericActivities({ heartbeat, signal, environment }: GenericDeps) {
  return {
    /**
     * Makes a generic dataset lie on this machine, each file fetched once. Throws `InvalidInput` for a licence that is not
     * allowed, too many bytes or no file that fits; `EndpointUnavailable` where the hub is away.
     */
    async fetchGenericSource(wish: GenericWish): Promise<FetchedSource> {
      const { source } = wish;
      let bytes = 0;
      const found = await fetchSource(wish, {
        environment,
        signal: signal(),
        heartbeat: (more) => {
          bytes += more;
          heartbeat({ stage: 'data', doing: 'fetching', source: source.id, bytes });
        },
      });
      return { files: filesOf(wish, found), terms: SourceTerms.strip().parse(found) };
    },
  };
}
export type GenericActivities = ReturnType<typeof createGenericActivities>;

function filesOf({ source }: GenericWish, { folder, inside, patterns }: FoundSource): SourceFile[] {
  const usual = { id: 'id', image: 'image', question: 'question', answer: 'answer', kind: 'kind' };
  const { columns } = source;
  return patterns.map((pattern) => ({
    path: path.join(folder, pattern),
    images: folder,
    base: { folder: inside, name: source.id },
    ...(columns === 'sniff' ? {} : { fields: { ...usual, ...columns } }),
  }));
}
