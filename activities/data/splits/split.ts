/** Which split a group belongs to: by its leading key and the seed alone, so that new rows never move old ones (M4). */
import type { Split } from '../../../config/records.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { sha256 } from '../../storage/files.js';

/** The held-out shares lie first, so that raising the share of train moves no record from test into it. */
const order = ['test', 'validation', 'dev', 'train'] as const satisfies readonly Split[];

/** A number in [0, 1) that depends on seed and key only: the first 52 bits of their digest. */
export function fractionOf(key: string, seed: number): number {
  return Number.parseInt(sha256(`${seed}:${key}`).slice(0, 13), 16) / 2 ** 52;
}

/** Shares that don't add up to 1 are taken as parts of their sum. */
export function splitAt(fraction: number, shares: RecipeSettings['data']['split']): Split {
  const whole = order.reduce((sum, name) => sum + shares[name], 0);
  let upTo = 0;
  for (const name of order) {
    upTo += shares[name];
    if (fraction * whole < upTo) return name;
  }
  return 'train';
}
