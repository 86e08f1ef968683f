/** Names of states and steps as people read them. */
import type { ReportFacts } from '../../config/report.js';
import { titled } from './format.js';

type State = ReportFacts['state'];

/** A sign beside each word, so that no state is told by colour alone. */
export const stateWords: Record<State, { sign: string; word: string }> = {
  running: { sign: '●', word: 'running' },
  waiting: { sign: '?', word: 'waits for a person' },
  done: { sign: '✓', word: 'done' },
  notSolved: { sign: '○', word: 'not solved' },
  failed: { sign: '✕', word: 'failed' },
  cancelled: { sign: '–', word: 'cancelled' },
};

/** The steps of the recipe in their order. */
export const recipeSteps: Record<string, string> = {
  resolveRecipe: 'Resolve the recipe',
  buildDataset: 'Build the dataset',
  promptFirst: 'Try the prompt first',
  sanityCheck: 'Sanity check',
  sweep: 'Sweep the learning rate',
  mixGeneric: 'Mix in generic data',
  trainStaged: 'Train in stages',
  alignPreferences: 'Align preferences',
  evaluate: 'Evaluate',
};

export function stepWord(step: string): string {
  return recipeSteps[step] ?? titled(step);
}

/** Whether the run goes on, so that the page will change. */
export function isOpen(state: State): boolean {
  return state === 'running' || state === 'waiting';
}
