/** The activities of one worker, wired to the world. Each kind of worker loads its own rooms only. */
import type { taskQueues } from '../config/queues.js';
import type { Server } from './wiring/place.js';

const wirings: Record<keyof typeof taskQueues, () => Promise<{ activities(server: Server): object }>> = {
  recipe: () => import('./wiring/recipe.js'),
  data: () => import('./wiring/data.js'),
  vlm: () => import('./wiring/vlm.js'),
  gpu: () => import('./wiring/gpu.js'),
};

/** The activities of a queue. Throws where the environment of a worker lacks what they need. */
export async function activitiesOf(kind: keyof typeof taskQueues, server: Server): Promise<object> {
  const { activities } = await wirings[kind]();
  return activities(server);
}
