import path from 'node:path';
import { toUri } from '../../../activities/storage/files.js';

/** Folder URIs that the facts point to. */
export interface Places {
  run: string;
  business: string;
  generic: string;
}

export function placesIn(folder: string): Places {
  const uri = (name: string) => toUri(path.join(folder, name));
  return {
    run: uri('.anneal/runs/boost-digits.1a2b3c4d'),
    business: uri('.anneal/datasets/business'),
    generic: uri('.anneal/datasets/generic'),
  };
}
