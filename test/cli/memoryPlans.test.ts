import { memoryPlans } from '../../cli/memoryPlans.js';
import { ResolvedRecipe } from '../../config/resolved.js';
import { RecipeSettings } from '../../config/settings.js';

const shape = {
  ...{ parameters: 7.6e9, expertParameters: 0, experts: 0, layers: 28, hidden: 3584 },
  ...{ heads: 28, keyValueHeads: 4, vocabulary: 152_064 },
};
const recipeOf = (over: object) =>
  ({
    model: ResolvedRecipe.shape.model.parse({
      ...{ uri: 'file:///model', preset: '7b', digest: 'd', architecture: 'Qwen2_5_VLForConditionalGeneration' },
      ...{ patch: 14, merge: 2, minimumPixels: 3136, maximumPixels: 1_003_520, contextTokens: 32_768, shape, ...over },
    }),
    settings: RecipeSettings.parse({}),
    trainer: {
      ...{ name: 'anneal_trainer', methods: ['full', 'lora', 'dpo'] },
      layouts: { maximumTensor: 1, maximumPipeline: 1, maximumData: 2 },
    },
  }) as ResolvedRecipe;
const machine = (gpus: number, gigabytes: number) => ({ gpus, gpusPerNode: 8, bytesPerGpu: gigabytes * 1024 ** 3 });

describe('memoryPlans', () => {
  it('says of 7 billion parameters what fits one GPU of 24 GiB, and what would do for the rest', () => {
    const [full, lora, qlora] = memoryPlans(recipeOf({}), machine(1, 24)) ?? [];
    expect([full?.fits, lora?.fits, qlora?.fits]).toEqual([false, true, true]);
    expect(full?.says).toMatch(/do not fit 1 GPU of 25\.8 GB in any layout\. 8 of them would be enough/);
    expect(memoryPlans(recipeOf({}), machine(8, 24))?.[0]?.layout?.data).toBeGreaterThan(1);
  });

  it('says what another trainer is needed for: a method, or a model that is divided', () => {
    const [full, lora, qlora] = memoryPlans(recipeOf({}), machine(8, 24)) ?? [];
    expect(full?.layout?.zero).toBeGreaterThan(0);
    expect(full?.says).toMatch(/anneal_trainer keeps a whole model on each GPU: this wants another trainer\.$/);
    expect(lora?.says).not.toContain('another trainer');
    expect(qlora?.says).toMatch(/anneal_trainer has no qlora: this wants another trainer\.$/);
  });

  it('says nothing of a model whose sizes are not known', () => {
    expect(memoryPlans(recipeOf({ shape: null }), machine(8, 80))).toBeNull();
  });
});
