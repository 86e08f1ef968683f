import { type CurvePoint, forecast } from '../learningCurve.js';

/** The gap between two models, from least to most, with twice the training records (methods M2, M11). */
export interface GapAhead {
  records: number;
  least: number;
  most: number;
}

/** Null where either curve is too short for a forecast. */
export function gapAtDouble(small: readonly CurvePoint[], large: readonly CurvePoint[]): GapAhead | null {
  const [ofSmall, ofLarge] = [forecast(small), forecast(large)];
  if (!ofSmall || !ofLarge) return null;
  const records = 2 * Math.min(ofSmall.largest, ofLarge.largest);
  const [errorSmall, errorLarge] = [ofSmall.errorAt(records), ofLarge.errorAt(records)];
  return { records, least: errorSmall.least - errorLarge.most, most: errorSmall.most - errorLarge.least };
}
