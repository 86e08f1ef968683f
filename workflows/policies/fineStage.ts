import type { Decision } from '../../config/decisions.js';
import type { QualitySettings } from '../../config/quality.js';
import { percent } from './wording.js';

/** Qualities are counted in thousandths. */
const bins = 1001;
/** Slices beyond so many are counted as one. */
const maximumSlices = 1000;
const otherSlices = '\0others';

const binOf = (quality: number | undefined) => Math.round(1000 * Math.min(1, Math.max(0, quality ?? 1)));

/** How many records of each quality there are, as a whole and by slice: 4 KB a slice, however many records. */
export class QualityCounts {
  readonly bySlice = new Map<string, Uint32Array>();

  /** A record without a quality counts as 1: nothing speaks against it. */
  add(quality: number | undefined, slice: string | undefined): void {
    const name = this.sliceOf(slice);
    const counts = this.bySlice.get(name) ?? new Uint32Array(bins);
    const bin = binOf(quality);
    counts[bin] = (counts[bin] ?? 0) + 1;
    this.bySlice.set(name, counts);
  }

  sliceOf(slice: string | undefined): string {
    const name = slice ?? '';
    return this.bySlice.has(name) || this.bySlice.size < maximumSlices ? name : otherSlices;
  }
}

export interface FinePlan {
  decision: Decision<'fineSet' | 'sameRecords' | 'tooFewFine'>;
  /** Whether a record is in the fine stage; `drawn` in [0, 1) follows from its id, for the replay of the rest. */
  isFine(record: { quality?: number | undefined; kind?: string | undefined }, drawn: number): boolean;
}

/** The highest bin such that so many records lie in it or above. */
function cutoff(counts: Uint32Array, wanted: number): number {
  let above = 0;
  for (let bin = bins - 1; bin >= 0; bin--) {
    above += counts[bin] ?? 0;
    if (above >= wanted && above > 0) return bin;
  }
  return 0;
}

const countFrom = (counts: Uint32Array, bin: number) => counts.subarray(bin).reduce((sum, count) => sum + count, 0);

/**
 * Which records the fine stage uses (R14, R15, methods M9): the best by their quality, all equals of the last one, at
 * least some of every slice, and a few of the rest. Too few, or no difference, and it uses all of them.
 */
export function planFineStage(counts: QualityCounts, settings: QualitySettings): FinePlan {
  const { fineShare, finePerSlice, fineLeast, fineReplay } = settings;
  const whole = new Uint32Array(bins);
  for (const slice of counts.bySlice.values())
    for (const [bin, count] of slice.entries()) whole[bin] = (whole[bin] ?? 0) + count;
  const all = countFrom(whole, 0);
  const general = cutoff(whole, Math.ceil(fineShare * all));
  const cutoffs = new Map(
    [...counts.bySlice].map(([name, slice]) => {
      const wanted = Math.min(finePerSlice, countFrom(slice, 0));
      return [name, wanted === 0 ? general : Math.min(general, cutoff(slice, wanted))];
    }),
  );
  const fine = [...counts.bySlice].reduce(
    (sum, [name, slice]) => sum + countFrom(slice, cutoffs.get(name) ?? general),
    0,
  );
  const evidence = { records: all, fine, cutoff: general / 1000, share: fineShare, slices: counts.bySlice.size };
  if (fine === all)
    return {
      decision: { verdict: 'sameRecords', reason: 'No record is worse than those of the fine stage.', evidence },
      isFine: () => true,
    };
  if (fine < fineLeast)
    return {
      decision: {
        verdict: 'tooFewFine',
        reason: `Only ${fine} of ${all} records are of high quality, fewer than ${fineLeast}: the fine stage uses all.`,
        evidence,
      },
      isFine: () => true,
    };
  const replay = Math.min(1, (fineReplay * fine) / (all - fine));
  return {
    decision: {
      verdict: 'fineSet',
      reason: `The fine stage uses ${fine} of ${all} records, those of quality ${general / 1000} and above, and ${percent(replay)} of the rest.`,
      evidence,
    },
    isFine: ({ quality, kind }, drawn) =>
      binOf(quality) >= (cutoffs.get(counts.sliceOf(kind)) ?? general) || drawn < replay,
  };
}
