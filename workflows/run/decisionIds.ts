/** The ids of all decisions of a run, those still to come among them: what a person may overrule. */
import { didYouMean } from '../../config/suggest.js';

const fixed = [
  'buildDataset',
  'promptFirst',
  'promptFirst/failure',
  'promptFirst/volume',
  'sanityCheck',
  'sanityCheck/start',
  'sanityCheck/longer',
  'sweep',
  'sweep/noise',
  'mixGeneric',
  'coarse/checkpoint',
  'fine/checkpoint',
  'trainStaged/average',
  'alignPreferences',
  'alignPreferences/when',
  'evaluate',
  'evaluate/blind',
  'evaluate/parity',
];

/** Those of which there are as many as a run needs. */
const numbered = {
  'sweep/extend-<n>': /^sweep\/extend-\d+$/,
  'sweep/rung-<n>': /^sweep\/rung-\d+$/,
  'sweep/budget-<n>': /^sweep\/budget-(\d+|seeds)$/,
  'mixGeneric/<ratio>': /^mixGeneric\/[^/]+$/,
  'stages/<name>/checkpoint': /^stages\/[^/]+\/checkpoint$/,
  '<training>/watchdog, such as coarse/watchdog':
    /^(sanity|coarse|fine|align|(sanity|sweep|mix|stages)\/.+)\/watchdog$/,
};

export function isDecisionId(id: string): boolean {
  return fixed.includes(id) || Object.values(numbered).some((form) => form.test(id));
}

export function nearestDecisionId(id: string): string | undefined {
  return didYouMean(id, fixed);
}

export const decisionIds: readonly string[] = [...fixed, ...Object.keys(numbered)];
