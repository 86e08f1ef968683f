/** Names that workers, clients and the Temporal server must agree on. Stable for ever: they are our public API. */

/** One task queue a resource class. */
export const taskQueues = {
  /** Workflows and light activities. */
  recipe: 'anneal-recipe',
  /** Reading, checking and baking data: CPU and disk. */
  data: 'anneal-data',
  /** Calls to OpenAI-compatible endpoints. */
  vlm: 'anneal-vlm',
  /** Training and serving. */
  gpu: 'anneal-gpu',
} as const;
export type TaskQueue = (typeof taskQueues)[keyof typeof taskQueues];

/** The Worker Deployment of the workers of workflows, where they are versioned. */
export const deploymentName = 'anneal';

/** Search attributes, all keywords, registered by the embedded engine. */
export const searchAttributes = {
  task: 'AnnealTask',
  step: 'AnnealStep',
  model: 'AnnealModel',
  verdict: 'AnnealVerdict',
} as const;

/** The largest result or argument that a workflow or activity may pass, in bytes (the server refuses 2 MiB). */
export const maximumPayloadBytes = 64 * 1024;
