import { resolveSettings } from '../../config/resolve.js';

const faultsOf = (training: object) => {
  const found = resolveSettings([{ from: 'task', settings: { training } }]);
  return found.ok ? [] : found.faults.map(({ path, says }) => `${path.join('.')}: ${says}`);
};

describe('training.freeze (R10)', () => {
  it('takes parts that leave something to train', () => {
    expect(faultsOf({ freeze: ['vision', 'projector'] })).toEqual([]);
    expect(faultsOf({ freeze: ['language'] })).toEqual([]);
    expect(faultsOf({ freeze: ['vision'], method: 'lora' })).toEqual([]);
  });

  it('is refused before anything is spent where nothing would be trained', () => {
    expect(faultsOf({ freeze: ['vision', 'projector', 'language'] })).toEqual([
      expect.stringMatching(/^training\.freeze: .* nothing is left to train\. Leave one part out\.$/),
    ]);
    expect(faultsOf({ freeze: ['language'], method: 'lora' })).toEqual([
      'training.freeze: LoRA adapts the language model alone, and training.freeze names it. Leave it out, or tune fully.',
    ]);
  });
});
