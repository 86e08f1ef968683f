import fc from 'fast-check';
import type { ModelShape } from '../../../../config/parallel.js';
import { type Layout, memoryOf, type TrainingShape, totalOf } from '../../../../workflows/policies/parallel/memory.js';
import { type Machine, parallelPlan } from '../../../../workflows/policies/parallel/plan.js';

const dense = { expertParameters: 0, experts: 0 };
const models = {
  '2b': { ...dense, parameters: 2.1e9, layers: 28, hidden: 2048, heads: 16, keyValueHeads: 8, vocabulary: 151_936 },
  '4b': { ...dense, parameters: 4.4e9, layers: 36, hidden: 2560, heads: 32, keyValueHeads: 8, vocabulary: 151_936 },
  '7b': { ...dense, parameters: 7.6e9, layers: 28, hidden: 3584, heads: 28, keyValueHeads: 4, vocabulary: 152_064 },
  '72b': { ...dense, parameters: 72.7e9, layers: 80, hidden: 8192, heads: 64, keyValueHeads: 8, vocabulary: 152_064 },
  '30b-a3b': {
    ...{ parameters: 30.5e9, expertParameters: 29e9, experts: 128 },
    ...{ layers: 48, hidden: 2048, heads: 32, keyValueHeads: 4, vocabulary: 151_936 },
  },
} satisfies Record<string, ModelShape>;
const gibibyte = 1024 ** 3;
const h100 = (gpus: number): Machine => ({ gpus, gpusPerNode: 8, bytesPerGpu: 80 * gibibyte });
const full: TrainingShape = { method: 'full', trainableShare: 1, momentBits: 32, sequence: 4096, batch: 32 };
const lora: TrainingShape = { ...full, method: 'lora', trainableShare: 0.01 };
const one: Layout = { tensor: 1, pipeline: 1, data: 1, expert: 1, zero: 0, microBatch: 1, accumulation: 32 };

describe('memoryOf', () => {
  it('takes 16 bytes a parameter for full tuning in mixed precision, 10 with moments of 8 bits', () => {
    const { weights, gradients, optimizer } = memoryOf(models['7b'], full, one);
    expect((weights + gradients + optimizer) / models['7b'].parameters).toBeCloseTo(16);
    const small = memoryOf(models['7b'], { ...full, momentBits: 8 }, one);
    expect((small.weights + small.gradients + small.optimizer) / models['7b'].parameters).toBeCloseTo(10);
  });

  it('takes 2 bytes and 16 of the trained share for adapters, 0.6 over NF4', () => {
    const perParameter = (method: 'lora' | 'qlora') => {
      const { weights, gradients, optimizer } = memoryOf(models['7b'], { ...lora, method }, one);
      return (weights + gradients + optimizer) / models['7b'].parameters;
    };
    expect(perParameter('lora')).toBeCloseTo(2.16);
    expect(perParameter('qlora')).toBeCloseTo(0.76);
  });

  it('takes 2.5 to 3.7 GB a record of 4,096 tokens for the logits of a vocabulary of 152,000', () => {
    const { logits } = memoryOf(models['4b'], lora, one);
    expect(logits / 1e9).toBeGreaterThan(2.5);
    expect(logits / 1e9).toBeLessThan(3.8);
  });

  it('divides by ZeRO what each stage divides', () => {
    const over8 = (zero: 0 | 1 | 2 | 3) => memoryOf(models['4b'], full, { ...one, data: 8, zero });
    const alone = over8(0);
    expect(over8(1)).toEqual({ ...alone, optimizer: alone.optimizer / 8 });
    expect(over8(2)).toEqual({ ...alone, optimizer: alone.optimizer / 8, gradients: alone.gradients / 8 });
    const gathered = (2 * models['4b'].parameters) / models['4b'].layers;
    expect(over8(3).weights).toBeCloseTo(alone.weights / 8 + gathered);
  });
});

describe('parallelPlan (R10)', () => {
  it.each([
    // Published points (formats E.1), each on what it was run on.
    ['Qwen3-VL-4B, LoRA, 2 x 21 GiB', models['4b'], { ...lora, batch: 2 }, { ...h100(2), bytesPerGpu: 21 * gibibyte }],
    ['Qwen3-VL-30B-A3B, full, 8 x 80 GiB', models['30b-a3b'], { ...full, batch: 8 }, h100(8)],
    ['72B, QLoRA, 8 x 80 GiB', models['72b'], { ...lora, method: 'qlora' as const }, h100(8)],
    ['7B, LoRA, one 80 GiB', models['7b'], lora, h100(1)],
  ])('finds a layout for %s', (_, model, training, machine) => {
    expect(parallelPlan(model, training, machine).decision.verdict).toBe('fits');
  });

  it('leaves one GPU alone where that is enough, and takes the largest micro-batch that fits', () => {
    const { planned } = parallelPlan(models['2b'], { ...lora, sequence: 1024, batch: 16 }, h100(1));
    expect(planned?.layout).toMatchObject({ tensor: 1, pipeline: 1, data: 1, zero: 0 });
    expect((planned?.layout.microBatch ?? 0) * (planned?.layout.accumulation ?? 0)).toBe(16);
    expect(planned?.layout.microBatch).toBeGreaterThan(1);
  });

  it('refuses what fits in no layout, with how many GPUs would do and the method that fits these', () => {
    const { decision, planned, instead } = parallelPlan(models['72b'], full, h100(8));
    expect(planned).toBeNull();
    expect(decision.verdict).toBe('doesNotFit');
    expect(decision.reason).toContain('72.7 billion parameters by full with records of 4096 tokens do not fit 8 GPUs');
    expect(instead?.methods).toContain('lora');
    const gpus = instead?.gpus ?? 0;
    expect(gpus % 8).toBe(0);
    expect(parallelPlan(models['72b'], full, h100(gpus)).decision.verdict).toBe('fits');
    expect(parallelPlan(models['72b'], full, h100(gpus - 8)).decision.verdict).toBe('doesNotFit');
  });

  it.each([
    [3, 2],
    [12, 8],
    [1000, 896],
  ])('names fewer where %i can not share the records of a step: %i', (gpus, nearest) => {
    const { decision, instead } = parallelPlan(models['2b'], { ...lora, sequence: 1024, batch: 32 }, h100(gpus));
    expect(instead?.gpus).toBe(nearest);
    expect(decision.reason).toContain(`${gpus} GPUs of 85.9 GB in no layout that divides 32 records a step`);
    expect(decision.reason).toContain(`${nearest} of them would be enough`);
  });

  it('names a small model by its millions', () => {
    const { decision } = parallelPlan({ ...models['2b'], parameters: 3.1e6 }, full, { ...h100(1), bytesPerGpu: 1e6 });
    expect(decision.reason).toContain('0.0031 billion parameters by full');
    expect(decision.reason).toContain('1 GPU of');
  });

  const machines = fc.record({
    gpus: fc.constantFrom(1, 2, 4, 8, 16, 32, 64),
    gpusPerNode: fc.constantFrom(1, 4, 8),
    bytesPerGpu: fc.integer({ min: 8, max: 190 }).map((each) => each * 1e9),
  });
  const trainings = fc.record({
    method: fc.constantFrom('full' as const, 'lora' as const, 'qlora' as const),
    trainableShare: fc.constantFrom(0.002, 0.01, 0.05),
    momentBits: fc.constantFrom(8 as const, 32 as const),
    sequence: fc.integer({ min: 256, max: 16_384 }),
    batch: fc.constantFrom(1, 8, 16, 32, 64, 96),
  });
  const shapes = fc.constantFrom(...Object.values(models));

  it('holds what it says: the GPUs, the records of a step, whole heads, layers and experts, and the memory', () => {
    fc.assert(
      fc.property(shapes, trainings, machines, (model, training, machine) => {
        const { planned } = parallelPlan(model, training, machine);
        if (!planned) return;
        const { layout, parts } = planned;
        const { tensor, pipeline, data, expert, microBatch, accumulation } = layout;
        expect(tensor * pipeline * data).toBe(machine.gpus);
        expect(data * microBatch * accumulation).toBe(training.batch);
        expect([model.heads % tensor, model.keyValueHeads % tensor, model.layers % pipeline]).toEqual([0, 0, 0]);
        expect(tensor).toBeLessThanOrEqual(machine.gpusPerNode);
        if (machine.gpus <= machine.gpusPerNode) expect(pipeline).toBe(1);
        expect(model.experts % expert).toBe(0);
        expect((data * tensor) % expert).toBe(0);
        expect(1.2 * totalOf(parts)).toBeLessThanOrEqual(machine.bytesPerGpu);
      }),
    );
  });

  it('never loses a layout to more memory or to shorter records', () => {
    fc.assert(
      fc.property(shapes, trainings, machines, (model, training, machine) => {
        if (!parallelPlan(model, training, machine).planned) return;
        expect(
          parallelPlan(model, training, { ...machine, bytesPerGpu: 2 * machine.bytesPerGpu }).planned,
        ).not.toBeNull();
        const shorter = { ...training, sequence: Math.ceil(training.sequence / 2) };
        expect(parallelPlan(model, shorter, machine).planned).not.toBeNull();
      }),
    );
  });
});
