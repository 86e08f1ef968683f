import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { searchAttributes } from '../../config/queues.js';
import type { ResolvedRecipe } from '../../config/resolved.js';

/** That a run waits for a person at its budget, in place of the verdict that it hasn't yet. */
export function questionUpdate(open: boolean): SearchAttributeUpdatePair[] {
  const key = defineSearchAttributeKey(searchAttributes.verdict, 'KEYWORD');
  return [{ key, value: open ? 'waiting' : null }];
}

/** What the UI's list of runs can be filtered by. */
export function searchAttributeUpdates(
  recipe: ResolvedRecipe,
  step: string,
  verdict?: string,
): SearchAttributeUpdatePair[] {
  const pair = (name: string, value: string): SearchAttributeUpdatePair => ({
    key: defineSearchAttributeKey(name, 'KEYWORD'),
    value,
  });
  return [
    pair(searchAttributes.task, recipe.task.name),
    pair(searchAttributes.step, step),
    pair(searchAttributes.model, recipe.model.preset),
    ...(verdict ? [pair(searchAttributes.verdict, verdict)] : []),
  ];
}
