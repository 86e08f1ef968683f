/** The activities of one worker, wired to the world. Each kind of worker loads its own rooms only. */
import type { taskQueues } from '../config/queues.js';
import { bounded } from './boundary.js';
import { stored } from './stored.js';
import type { Place } from './wiring/place.js';

const wirings: Record<keyof typeof taskQueues, () => Promise<{ activities(place: Place): object }>> = {
  recipe: () => import('./wiring/recipe.js'),
  data: () => import('./wiring/data.js'),
  vlm: () => import('./wiring/vlm.js'),
  gpu: () => import('./wiring/gpu.js'),
};

/** The activities of a queue. */
export async function activitiesOf(kind: keyof typeof taskQueues, place: Place): Promise<object> {
  const { activities } = await wirings[kind]();
  return bounded(stored(activities(place), place.mirror));
}
