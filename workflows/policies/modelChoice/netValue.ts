/** What a better model is worth, from the paired difference of its scores (methods M11). Money in any one currency. */
import { normalDistribution } from '../statistics/quantiles.js';

export interface Stakes {
  /** What one right answer more is worth. */
  value: number;
  /** Answers that will be asked. */
  volume: number;
  /** Price of one answer of the large model over one of the small. */
  extraCost: number;
  /** Price of training the large model over training the small. */
  extraTraining: number;
}

/** What the large model brings over the small one if it answers a share of `difference` more right. */
export function netValue({ value, volume, extraCost, extraTraining }: Stakes, difference: number): number {
  return volume * (value * difference - extraCost) - extraTraining;
}

/** What one right answer must be worth for both models to cost the same; null where no answer is gained. */
export function breakEvenValue(
  { volume, extraCost, extraTraining }: Omit<Stakes, 'value'>,
  difference: number,
): number | null {
  const training = extraTraining === 0 ? 0 : extraTraining / volume;
  return difference > 0 ? Math.max(0, extraCost + training) / difference : null;
}

/** Mean of max(x, 0) for x normal. */
function expectedGain(mean: number, deviation: number): number {
  if (!(deviation > 0)) return Math.max(0, mean);
  const z = mean / deviation;
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  return mean * normalDistribution(z) + deviation * density;
}

export interface Measured {
  mean: number;
  standardError: number;
  n: number;
}

/** What knowing the difference exactly would be worth: E[max(net, 0)] - max(E[net], 0). */
export function valueOfInformation(stakes: Stakes, { mean, standardError }: Measured): number {
  const net = netValue(stakes, mean);
  const deviation = stakes.volume * stakes.value * standardError;
  return Math.max(0, expectedGain(net, deviation) - Math.max(0, net));
}

/** What `more` test items are worth beforehand: the part of the value of information that they are expected to bring. */
export function valueOfItems(stakes: Stakes, measured: Measured, more: number): number {
  const seen = measured.standardError * Math.sqrt(more / (measured.n + more));
  return valueOfInformation(stakes, { ...measured, standardError: seen });
}

/** The number of further test items that brings most over its price; 0 where none pays. */
export function itemsToBuy(stakes: Stakes, measured: Measured, pricePerItem: number): number {
  const sizes = [0.25, 0.5, 1, 2, 4, 8].map((factor) => Math.ceil(factor * measured.n));
  const gains = sizes.map((more) => ({ more, net: valueOfItems(stakes, measured, more) - more * pricePerItem }));
  return gains.reduce((best, each) => (each.net > best.net ? each : best), { more: 0, net: 0 }).more;
}
