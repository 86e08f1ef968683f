import type { TrainerCapabilities } from '../../../../config/training.js';
import { memoryRefusals } from '../../../../workflows/policies/parallel/refusals.js';

/** Qwen3-VL 8B by its configuration (formats E.1). */
const shape = {
  parameters: 8_767_000_000,
  expertParameters: 0,
  experts: 0,
  layers: 36,
  hidden: 4096,
  heads: 32,
  keyValueHeads: 8,
  vocabulary: 151_936,
};
const trainer: TrainerCapabilities = {
  name: 'local',
  version: '1',
  methods: ['full', 'lora'],
  packing: false,
  namedEvaluationSets: true,
  perItemLosses: true,
  layouts: { maximumTensor: 1, maximumPipeline: 1, maximumData: 1 },
  devices: ['cuda', 'cpu'],
  memoryBytes: 80e9,
};

describe('memoryRefusals', () => {
  it('refuses what fits no record at all, and names what would fit', () =>
    expect(memoryRefusals(trainer, shape, 'full')).toEqual([
      '8.77 billion parameters by full take 140 GB before the first record, and cuda of local has 80 GB ' +
        '(training.method "lora" fits; a trainer with 4 such devices would do)',
    ]));

  it('has nothing against what fits', () => {
    expect(memoryRefusals(trainer, shape, 'lora')).toEqual([]);
    expect(memoryRefusals({ ...trainer, memoryBytes: 200e9 }, shape, 'full')).toEqual([]);
  });

  it('offers no method that the trainer does not have', () => {
    const [reason] = memoryRefusals({ ...trainer, methods: ['full'] }, shape, 'full');
    expect(reason).not.toContain('lora');
  });

  it('says nothing where sizes are not known', () => {
    expect(memoryRefusals({ ...trainer, memoryBytes: null }, shape, 'full')).toEqual([]);
    const { memoryBytes: _, ...older } = trainer;
    expect(memoryRefusals(older, shape, 'full')).toEqual([]);
    expect(memoryRefusals(trainer, undefined, 'full')).toEqual([]);
  });
});
