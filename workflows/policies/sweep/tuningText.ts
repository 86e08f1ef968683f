/** The settings of a trial, as a decision says them. */
import type { Decision } from '../../../config/decisions.js';
import type { Tuning } from '../../../config/sweep.js';
import { figure } from '../wording.js';

export function tuningText(tuning: Tuning): string {
  const { method, learningRate, batchSize, loraRank, warmupRatio, freeze, activeExperts, routerLoss } = tuning;
  return [
    ...(method === undefined ? [] : [method === 'lora' ? 'LoRA' : 'full tuning']),
    `rate ${figure(learningRate)}`,
    `batch ${batchSize}`,
    ...(loraRank === null ? [] : [`rank ${loraRank}`]),
    `warm-up ${figure(warmupRatio)}`,
    ...(freeze ? [`frozen: ${partsText(freeze)}`] : []),
    ...(activeExperts === undefined ? [] : [`experts ${activeExperts}`]),
    ...(routerLoss === undefined ? [] : [`router loss ${figure(routerLoss)}`]),
  ].join(', ');
}

/** Evidence has no lists, and nothing that is not there. */
export function evidenceOf({ freeze, ...plain }: Tuning): Decision<string>['evidence'] {
  const all = { ...plain, freeze: freeze && partsText(freeze) };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

export function partsText(parts: readonly string[]): string {
  return parts.length > 0 ? parts.join(' and ') : 'none';
}
