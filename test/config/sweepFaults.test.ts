import { resolveSettings } from '../../config/resolve.js';

const faultsOf = (sweep: object, training: object = {}) => {
  const found = resolveSettings([{ from: 'task', settings: { sweep: { trials: 9, ...sweep }, training } }]);
  return found.ok ? [] : found.faults.map(({ path, says }) => `${path.join('.')}: ${says}`);
};

describe('sweep.freeze (R10)', () => {
  it('takes lists of parts that leave something to train', () => {
    expect(faultsOf({ freeze: [[], ['vision'], ['vision', 'projector'], ['language']] })).toEqual([]);
    expect(faultsOf({ freeze: [] }, { method: 'lora' })).toEqual([]);
    expect(faultsOf({ freeze: [[], ['vision']], methods: ['full', 'lora'] }, { method: 'lora' })).toEqual([]);
  });

  it.each<[string, object, object, string]>([
    ['all parts', { freeze: [[], ['vision', 'projector', 'language']] }, {}, 'nothing is left to train'],
    ['a part twice', { freeze: [['vision', 'vision']] }, {}, '["vision","vision"] names a part twice'],
    [
      'one choice in two orders',
      {
        freeze: [
          ['vision', 'projector'],
          ['projector', 'vision'],
        ],
      },
      {},
      '["projector","vision"] is there twice',
    ],
    ['an adapter', { freeze: [[], ['vision']] }, { method: 'lora' }, 'search full tuning too'],
    ['no trials', { freeze: [[], ['vision']], trials: 0 }, {}, 'sweep.trials = 0 leaves no trial beside the 4'],
    ['rates alone', { freeze: [[], ['vision']], trials: 4 }, {}, 'Raise sweep.trials'],
  ])('refuses %s before anything is spent', (_what, sweep, training, says) => {
    expect(faultsOf(sweep, training)).toEqual([expect.stringMatching(/^sweep\.freeze: /)]);
    expect(faultsOf(sweep, training)[0]).toContain(says);
  });
});

describe('sweep.activeExperts and sweep.routerLoss (R10)', () => {
  it('take values that differ, for trials that draw them', () => {
    expect(faultsOf({ activeExperts: [4, 8], routerLoss: [0, 0.001] })).toEqual([]);
    expect(faultsOf({ activeExperts: [4, 8, 4] })).toEqual(['sweep.activeExperts: 4 is there twice.']);
    expect(faultsOf({ routerLoss: [0, 0] })).toEqual(['sweep.routerLoss: 0 is there twice.']);
    expect(faultsOf({ activeExperts: [4, 8], trials: 0 })).toEqual([expect.stringContaining('leaves no trial')]);
  });
});

describe('sweep.methods (R10)', () => {
  it('takes each once, for trials that draw them and models that both can train', () => {
    expect(faultsOf({ methods: ['full', 'lora'] })).toEqual([]);
    expect(faultsOf({ methods: ['lora', 'lora'] })).toEqual(['sweep.methods: lora is there twice.']);
    expect(faultsOf({ methods: ['full', 'lora'], trials: 4 })).toEqual([expect.stringContaining('leaves no trial')]);
    expect(faultsOf({ methods: ['full', 'lora'] }, { freeze: ['language'] })).toEqual([
      'sweep.methods: LoRA adapts the language model alone, and training.freeze names it. Leave it out, or tune fully.',
    ]);
    expect(faultsOf({ methods: ['full'] }, { freeze: ['language'] })).toEqual([]);
  });
});
