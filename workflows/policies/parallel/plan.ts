import type { Decision } from '../../../config/decisions.js';
import type { ModelShape } from '../../../config/parallel.js';
import { figure } from '../wording.js';
import { type Layout, type MemoryParts, type Method, memoryOf, type TrainingShape, totalOf } from './memory.js';

export interface Machine {
  gpus: number;
  gpusPerNode: number;
  bytesPerGpu: number;
}

export interface PlannedLayout {
  layout: Layout;
  parts: MemoryParts;
}

export interface ParallelPlan {
  decision: Decision<'fits' | 'doesNotFit'>;
  /** Null where nothing fits. */
  planned: PlannedLayout | null;
  /** Where nothing fits: the number of GPUs of this kind nearest to theirs that would do, and the methods that fit these. */
  instead: { gpus: number | null; methods: Method[] } | null;
}

/** Estimates are multiplied by this; one measured step at the longest record has the last word (formats E.1). */
const margin = 1.2;
export const mostGpus = 1024;
const cheaper: Record<Method, Method[]> = { full: ['lora', 'qlora'], lora: ['qlora'], qlora: [] };
/** Of the parameters: about rank 16 on all linear layers. Where full tuning does not fit, adapters of this size are tried. */
export const usualShare = 0.01;

/**
 * The simplest layout that fits (R10, methods M6): micro-batches and accumulation, then ZeRO over the data-parallel ranks,
 * then tensor-parallel inside a node, pipelines across nodes only, experts spread where there are some. The records of a
 * step stay the same. Among equals the largest micro-batch that fits is taken.
 */
export function parallelPlan(model: ModelShape, training: TrainingShape, machine: Machine): ParallelPlan {
  const planned = layoutFor(model, training, machine);
  if (planned) return { decision: fits(planned, machine), planned, instead: null };
  const gpus = nearestThatFits(model, training, machine);
  const methods = cheaper[training.method].filter((method) => {
    const share = training.method === 'full' ? usualShare : training.trainableShare;
    return layoutFor(model, { ...training, method, trainableShare: share }, machine) !== null;
  });
  return { decision: refusal(model, training, machine, { gpus, methods }), planned: null, instead: { gpus, methods } };
}

function layoutFor(model: ModelShape, training: TrainingShape, machine: Machine): PlannedLayout | null {
  for (const layout of layoutsOf(model, training, machine)) {
    const parts = memoryOf(model, training, layout);
    if (totalOf(parts) * margin <= machine.bytesPerGpu) return { layout, parts };
  }
  return null;
}

/** The simplest first. */
function* layoutsOf(model: ModelShape, { batch }: TrainingShape, { gpus, gpusPerNode }: Machine): Generator<Layout> {
  const nodes = Math.ceil(gpus / gpusPerNode);
  const tensors = divisorsOf(Math.min(gpus, gpusPerNode)).filter(
    (tensor) => model.heads % tensor === 0 && model.keyValueHeads % tensor === 0,
  );
  for (const pipeline of divisorsOf(nodes).filter((stages) => model.layers % stages === 0))
    for (const tensor of tensors.filter((each) => gpus % (each * pipeline) === 0)) {
      const data = gpus / tensor / pipeline;
      if (batch % data !== 0) continue;
      for (const expert of expertsOver(model, data * tensor))
        for (const zero of data > 1 ? ([0, 1, 2, 3] as const) : ([0] as const))
          for (const microBatch of divisorsOf(batch / data).reverse())
            yield { tensor, pipeline, data, expert, zero, microBatch, accumulation: batch / data / microBatch };
    }
}

/** Every spread of the experts that their number and the ranks allow, the narrowest first. */
function expertsOver({ experts, expertParameters }: ModelShape, ranks: number): number[] {
  if (experts === 0 || expertParameters === 0) return [1];
  return divisorsOf(ranks).filter((spread) => experts % spread === 0);
}

function divisorsOf(whole: number): number[] {
  return Array.from({ length: whole }, (_, index) => index + 1).filter((each) => whole % each === 0);
}

/** Fewer where that is enough: so many are only too many to share a step's records. Else more. */
function nearestThatFits(model: ModelShape, training: TrainingShape, machine: Machine): number | null {
  const numbers = [...usualNumbers(machine)];
  const fewer = numbers.filter((gpus) => gpus < machine.gpus).reverse();
  const more = numbers.filter((gpus) => gpus > machine.gpus);
  return [...fewer, ...more].find((gpus) => layoutFor(model, training, { ...machine, gpus })) ?? null;
}

/** One, two, four and so on in a node, then whole nodes. */
function* usualNumbers({ gpusPerNode }: Machine): Generator<number> {
  for (let gpus = 1; gpus <= mostGpus; gpus = gpus < gpusPerNode ? 2 * gpus : gpus + gpusPerNode) yield gpus;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

function fits({ layout, parts }: PlannedLayout, { gpus, bytesPerGpu }: Machine): Decision<'fits'> {
  const { tensor, pipeline, data, expert, zero, microBatch, accumulation } = layout;
  const total = totalOf(parts);
  const spread = expert > 1 ? `, experts over ${expert}` : '';
  return {
    verdict: 'fits',
    reason:
      `About ${gigabytes(total)} of ${gigabytes(bytesPerGpu)} a GPU on ${gpus}: data-parallel ${data} with ZeRO ${zero}, ` +
      `tensor-parallel ${tensor}, pipeline ${pipeline}${spread}; ${microBatch} records at once, ${accumulation} times a step.`,
    evidence: { ...layout, ...parts, total, bytesPerGpu, gpus, margin },
  };
}

function refusal(
  model: ModelShape,
  training: TrainingShape,
  machine: Machine,
  { gpus, methods }: NonNullable<ParallelPlan['instead']>,
): Decision<'doesNotFit'> {
  const these = `${machine.gpus} ${machine.gpus === 1 ? 'GPU' : 'GPUs'} of ${gigabytes(machine.bytesPerGpu)}`;
  const what = `${figure(model.parameters / 1e9)} billion parameters by ${training.method} with records of ${training.sequence} tokens`;
  const fewer = gpus !== null && gpus < machine.gpus;
  const says = fewer
    ? `${what} fit ${these} in no layout that divides ${training.batch} records a step, heads and layers evenly`
    : `${what} do not fit ${these} in any layout`;
  const enough = gpus === null ? `No number up to ${mostGpus} of them is enough` : `${gpus} of them would be enough`;
  const other = methods.length > 0 ? `; ${methods.join(' or ')} fits as it is` : '';
  return {
    verdict: 'doesNotFit',
    reason: `${says}. ${enough}${other}.`,
    evidence: {
      gpus: machine.gpus,
      bytesPerGpu: machine.bytesPerGpu,
      gpusWanted: gpus,
      methods: methods.join(', '),
      margin,
    },
  };
}
