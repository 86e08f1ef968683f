/** Compares two datasets of any size in bounded memory: both are put into buckets by id on disk first. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type DatasetManifest, splitNames } from '../../../config/records.js';
import type { StoredDataset } from '../dataset.js';
import { bucketCount, readBucket, writeBuckets } from './buckets.js';
import { compareBucket, type Differences, noDifferences } from './compare.js';

export interface Side {
  folder: string;
  digest: string;
}

export interface DatasetDiff extends Differences {
  one: Side;
  other: Side;
  /** Figures of both manifests, by name. */
  figures: { name: string; one: number; other: number }[];
}

/** The files in between take about 300 bytes a record, in the system's temporary folder. */
export async function diffDatasets(
  one: StoredDataset,
  other: StoredDataset,
  heartbeat: () => void,
): Promise<DatasetDiff> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'anneal-diff-'));
  try {
    await writeBuckets(one, { folder, side: 'one', heartbeat });
    await writeBuckets(other, { folder, side: 'other', heartbeat });
    const differences = noDifferences();
    for (let bucket = 0; bucket < bucketCount; bucket += 1)
      compareBucket(await readBucket(folder, 'one', bucket), await readBucket(folder, 'other', bucket), differences);
    return { one: sideOf(one), other: sideOf(other), figures: figuresOf(one.manifest, other.manifest), ...differences };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sideOf({ folder, manifest }: StoredDataset): Side {
  return { folder, digest: manifest.digest };
}

function figuresOf(one: DatasetManifest, other: DatasetManifest): DatasetDiff['figures'] {
  const [before, after] = [namedFigures(one), namedFigures(other)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].map((name) => ({ name, one: before.get(name) ?? 0, other: after.get(name) ?? 0 }));
}

function namedFigures({ counts, answers }: DatasetManifest): Map<string, number> {
  return new Map([
    ['rows read', counts.read],
    ['used', counts.used],
    ['merged', counts.merged],
    ['rejected', counts.rejected],
    ...splitNames.map((name): [string, number] => [`in ${name}`, counts.bySplit[name] ?? 0]),
    ['pictures', counts.images],
    ['distinct answers', answers.distinct],
    ...Object.entries(counts.byReason).map(([reason, rows]): [string, number] => [`not used: ${reason}`, rows]),
    ...Object.entries(counts.repairs).map(([repair, rows]): [string, number] => [`repaired: ${repair}`, rows]),
  ]);
}
