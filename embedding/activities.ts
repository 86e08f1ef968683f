/** `anneal-vlm/activities`: every activity, wired to this machine, any of which another one may replace. */
import { problem } from '../config/problems.js';
import { didYouMean } from '../config/suggest.js';
import { bounded } from '../workers/boundary.js';
import { stored } from '../workers/stored.js';
import * as data from '../workers/wiring/data.js';
import * as gpu from '../workers/wiring/gpu.js';
import type { Place } from '../workers/wiring/place.js';
import * as recipe from '../workers/wiring/recipe.js';
import * as vlm from '../workers/wiring/vlm.js';

export { openMirror } from '../activities/storage/openMirror.js';
export { beat } from '../workers/boundary.js';
export type { Place };

/** Every activity that Anneal's workflows call, by name. Names and types are public, as those of the workflows are. */
export type Activities = ReturnType<typeof wired>;

function wired(place: Place) {
  return {
    ...recipe.activities(place),
    ...data.activities(place),
    ...vlm.activities(),
    ...gpu.activities(place),
  };
}

/**
 * The activities of every queue. `replace` gets Anneal's own and returns those that stand in their place: another trainer
 * (`submitTraining`, `watchTraining`, `stopTraining`, `collectTraining`), another scorer (`evaluateOverEndpoint`, which may
 * call Anneal's own first), another store of datasets (`buildDatasetFolder`). What replaces is kept alive by heartbeats, held
 * to 64 KiB and has its problems turned into failures as Anneal's own are.
 *
 * Throws InvalidInput where a name is none of an activity.
 */
export function createActivities(
  place: Place,
  replace: (ours: Activities) => Partial<Activities> = () => ({}),
): Activities {
  const ours = wired(place);
  const replaced = replace(ours);
  const unknown = Object.keys(replaced).find((name) => !(name in ours));
  if (unknown !== undefined) throw noSuchActivity(unknown, Object.keys(ours));
  return bounded(stored({ ...ours, ...replaced }, place.mirror));
}

function noSuchActivity(name: string, known: string[]): Error {
  const near = didYouMean(name, known);
  return problem('InvalidInput', {
    what: `There is no activity "${name}" to replace.${near ? ` Did you mean "${near}"?` : ''}`,
    where: 'createActivities, the second argument',
    todo: `Name one of ${known.sort().join(', ')}.`,
  });
}
