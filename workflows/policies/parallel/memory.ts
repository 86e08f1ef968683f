/** What a training takes of each GPU, by parts (methods M6; formats E.1; ZeRO: Rajbhandari et al. 2020, arXiv 1910.02054). */

import type { ModelShape } from '../../../config/parallel.js';

export type Method = 'full' | 'lora' | 'qlora';

export interface TrainingShape {
  method: Method;
  /** Share of the parameters that is trained by adapters; not looked at for full tuning. */
  trainableShare: number;
  /** Bits of each of the two moments of AdamW. */
  momentBits: 8 | 32;
  /** Tokens of the longest record, those of its pictures included. */
  sequence: number;
  /** Records an optimizer step, the same in every layout. */
  batch: number;
}

/** `tensor` x `pipeline` x `data` are the GPUs; experts are spread over some of those of one pipeline stage. */
export interface Layout {
  tensor: number;
  pipeline: number;
  data: number;
  expert: number;
  /** What the data-parallel ranks divide: nothing, 1 the optimizer, 2 gradients too, 3 weights too. */
  zero: 0 | 1 | 2 | 3;
  microBatch: number;
  accumulation: number;
}

/** Bytes of the GPU that holds most. */
export interface MemoryParts {
  weights: number;
  gradients: number;
  optimizer: number;
  activations: number;
  logits: number;
}

/** bf16 weights; NF4 with its constants for a frozen base (formats E.1). */
const weightBytes = { full: 2, lora: 2, qlora: 0.6 } as const;
const gradientBytes = 2;
const masterBytes = 4;
/** Kept of a layer with full checkpointing, and the work of one layer, in bytes a token and hidden unit. */
const keptBytes = 2;
const workBytes = 34;
/** Logits in 32 bits, and their gradient in 16. */
const logitBytes = 6;

export function memoryOf(model: ModelShape, training: TrainingShape, layout: Layout): MemoryParts {
  const { layers, hidden, vocabulary } = model;
  const { method, sequence, momentBits } = training;
  const { tensor, zero, microBatch } = layout;
  const held = heldBy(model, layout);
  const trained = method === 'full' ? 1 : training.trainableShare;
  const adapters = method === 'full' ? 0 : 2 * trained;
  const optimizerBytes = masterBytes + (2 * momentBits) / 8;
  const own = (stage: 0 | 1 | 2 | 3) => (zero >= stage && stage > 0 ? held.divided : held.whole);
  // The weights of one layer are gathered before it runs.
  const gathered = zero === 3 ? (weightBytes[method] * model.parameters) / layers / tensor : 0;
  const tokens = sequence * microBatch;
  return {
    weights: (weightBytes[method] + adapters) * own(3) + gathered,
    gradients: gradientBytes * trained * own(2),
    optimizer: optimizerBytes * trained * own(1),
    // The first of p stages has a p-th of the layers, and p micro-batches on their way.
    activations: (keptBytes * layers * hidden + (workBytes * hidden) / tensor) * tokens,
    logits: (logitBytes * vocabulary * tokens) / tensor,
  };
}

export function totalOf(parts: MemoryParts): number {
  return Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
}

/** Parameters on a GPU: without division among data-parallel ranks, and with it. */
function heldBy(model: ModelShape, { tensor, pipeline, data, expert }: Layout): { whole: number; divided: number } {
  const { parameters, expertParameters } = model;
  const dense = (parameters - expertParameters) / pipeline / tensor;
  const experts = expertParameters / pipeline / expert;
  const replicas = (data * tensor) / expert;
  return { whole: dense + experts, divided: dense / data + experts / replicas };
}
