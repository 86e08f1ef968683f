/** The settings of a trial, as a decision says them. */
import type { Tuning } from '../../../config/sweep.js';
import { figure } from '../wording.js';

export function tuningText({ learningRate, batchSize, loraRank, warmupRatio, freeze }: Tuning): string {
  return [
    `rate ${figure(learningRate)}`,
    `batch ${batchSize}`,
    ...(loraRank === null ? [] : [`rank ${loraRank}`]),
    `warm-up ${figure(warmupRatio)}`,
    ...(freeze ? [`frozen: ${partsText(freeze)}`] : []),
  ].join(', ');
}

/** Evidence has no lists. */
export function evidenceOf({ freeze, ...plain }: Tuning) {
  return freeze ? { ...plain, freeze: partsText(freeze) } : plain;
}

export function partsText(parts: readonly string[]): string {
  return parts.length > 0 ? parts.join(' and ') : 'none';
}
