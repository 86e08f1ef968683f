import { expertRefusals } from '../../../../workflows/policies/sweep/expertRefusals.js';

const shape = {
  parameters: 30e9,
  expertParameters: 28e9,
  layers: 48,
  hidden: 2048,
  heads: 32,
  keyValueHeads: 4,
  vocabulary: 151_936,
  experts: 128,
};
const moe = { architecture: 'Qwen3VLMoeForConditionalGeneration', shape };
const dense = { architecture: 'Qwen3VLForConditionalGeneration', shape: { ...shape, experts: 0 } };
const trainer = { name: 'anneal_trainer', experts: true };
const nothing = { activeExperts: [], routerLoss: [] };

describe('expertRefusals (R10)', () => {
  it('has nothing against a mixture of experts, nor against a dense model where nothing is searched', () => {
    expect(expertRefusals({ activeExperts: [4, 8], routerLoss: [0, 0.001] }, moe, trainer)).toEqual([]);
    expect(expertRefusals(nothing, dense, { name: 'other' })).toEqual([]);
  });

  it.each([[dense], [{ ...moe, shape: null }]])('refuses by name a model without experts that are known', (model) => {
    expect(expertRefusals({ activeExperts: [4], routerLoss: [0] }, model, trainer)).toEqual([
      `sweep.activeExperts and sweep.routerLoss search settings of experts, and ${model.architecture} is no mixture of experts`,
    ]);
  });

  it('refuses more experts than there are, and a trainer that sets none', () => {
    expect(expertRefusals({ ...nothing, activeExperts: [8, 256] }, moe, trainer)).toEqual([
      'sweep.activeExperts has 256, and Qwen3VLMoeForConditionalGeneration has 128 experts in a layer',
    ]);
    expect(expertRefusals({ ...nothing, routerLoss: [0] }, moe, { name: 'other' })).toEqual([
      'sweep.routerLoss search settings of experts, which other does not take',
    ]);
  });
});
