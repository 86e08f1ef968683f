import type { ModelShape } from '../../../config/parallel.js';
import type { TrainerCapabilities } from '../../../config/training.js';
import { type Method, memoryOf, totalOf } from './memory.js';
import { parallelPlan, usualShare } from './plan.js';

/** Records as short as can be: what is refused for those fits no data at all. */
const shortest = { sequence: 1, batch: 1, momentBits: 32 } as const;
const alone = { tensor: 1, pipeline: 1, data: 1, expert: 1, zero: 0, microBatch: 1, accumulation: 1 } as const;

/**
 * Why a model cannot be tuned on the trainer's device whatever the records are, with what would fit (R10, methods M6); empty
 * when it can, or when the sizes of model or device are not known. The longest record decides on a device that passes here:
 * `anneal plan --gpus` tells that.
 */
export function memoryRefusals(
  { name, methods, devices, memoryBytes = null }: TrainerCapabilities,
  shape: ModelShape | null | undefined,
  method: 'full' | 'lora',
): string[] {
  if (!shape || memoryBytes === null) return [];
  const training = (by: Method) => ({ ...shortest, method: by, trainableShare: usualShare });
  const machine = { gpus: 1, gpusPerNode: 8, bytesPerGpu: memoryBytes };
  const { instead } = parallelPlan(shape, training(method), machine);
  if (instead === null) return [];
  const cheaper = instead.methods.filter((by) => (methods as string[]).includes(by));
  const others = [
    ...cheaper.map((by) => `training.method "${by}" fits`),
    ...(instead.gpus === null ? [] : [`a trainer with ${instead.gpus} such devices would do`]),
  ];
  const needed = totalOf(memoryOf(shape, training(method), alone));
  return [
    `${short(shape.parameters / 1e9)} billion parameters by ${method} take ${gigabytes(needed)} before the first ` +
      `record, and ${devices[0] ?? 'the device'} of ${name} has ${gigabytes(memoryBytes)}` +
      `${others.length > 0 ? ` (${others.join('; ')})` : ''}`,
  ];
}

function gigabytes(bytes: number): string {
  return `${short(bytes / 1e9)} GB`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
