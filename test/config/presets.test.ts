import { type Preset, presetSources, presets } from '../../config/presets.js';
import { presetLayer, resolveSettings, settingsWithOrigin } from '../../config/resolve.js';
import { leavesOf } from '../../docs/schemaTables.js';

const all = Object.entries<Preset>(presets);
const sizes = all.filter(([, { model }]) => model === null);

function resolved(preset: Preset, run: { [key: string]: unknown } = {}) {
  const found = resolveSettings([presetLayer(preset), { from: 'run', settings: run }]);
  if (!found.ok) throw new Error(JSON.stringify(found.faults));
  return found;
}

describe('presets (R8, R10, R11)', () => {
  it.each(all)('%s is a valid recipe by itself, by full tuning and by LoRA', (_name, preset) => {
    expect(resolved(preset).settings.training.method).toBe('full');
    expect(resolved(preset, { training: { method: 'lora' } }).settings.training.method).toBe('lora');
  });

  it.each(sizes)('%s says of each of its values what it rests on', (_name, { settings, lora = {} }) => {
    const paths = [...leavesOf(settings), ...leavesOf(lora)].map(([path]) => path);
    expect(paths.filter((path) => !presetSources[path])).toEqual([]);
  });

  it('allows fewer epochs to larger models: 10 up to 4B, 5 at 7B, 2 above (R11)', () => {
    const epochs = sizes.map(([name, preset]) => [name, resolved(preset).settings.training.epochs]);
    expect(Object.fromEntries(epochs)).toEqual({ '2b': 10, '4b': 10, '7b': 5, '30b-a3b': 2, '72b': 2 });
  });

  it.each(all)('%s evaluates the mix and every stage often enough for the watchdog (methods M7)', (_name, preset) => {
    const { training, mix, stages, watchdog } = resolved(preset).settings;
    const points = [mix.epochs, stages.coarseEpochs, stages.fineEpochs].map(
      (epochs) => 1 + Math.floor(epochs * training.evaluationsPerEpoch),
    );
    expect(Math.min(...points)).toBeGreaterThanOrEqual(watchdog.minimumPoints);
  });

  it('starts LoRA at 1e-4 whatever the size, by the preset’s own grid (methods M6)', () => {
    for (const [, preset] of sizes) {
      const { settings, provenance } = resolved(preset, { training: { method: 'lora' } });
      expect(settings.training.learningRate).toBe(1e-4);
      expect(settings.sweep.learningRates).toContain(1e-4);
      expect(provenance.find(({ path }) => path === 'sweep.learningRates')?.from).toBe('lora');
    }
    const large = resolved(presets['72b'], { training: { method: 'lora' } }).settings;
    expect(large.sweep.learningRates).toEqual([2e-5, 5e-5, 1e-4]);
  });

  it('leaves a rate or a grid that a run names', () => {
    const run = { training: { method: 'lora', learningRate: 3e-5 }, sweep: { learningRates: [1e-5] } };
    const { settings } = resolved(presets['72b'], run);
    expect([settings.training.learningRate, settings.sweep.learningRates]).toEqual([3e-5, [1e-5]]);
  });

  it('searches batch and rank beside the rate up to 8B, and the rate alone for the demo and above', () => {
    const trials = all.map(([name, preset]) => [name, resolved(preset).settings.sweep.trials]);
    expect(Object.fromEntries(trials)).toEqual({ tiny: 0, '2b': 16, '4b': 9, '7b': 9, '30b-a3b': 0, '72b': 0 });
  });
});

describe('a budget', () => {
  const tiny = presetLayer(presets.tiny);
  const settingsOf = (task: object, run: object = {}) =>
    resolveSettings([tiny, { from: 'task', settings: { ...task } }, { from: 'run', settings: { ...run } }]);

  it('of money needs the price of an hour, wherever each of them is set', () => {
    const bare = settingsOf({ budget: { money: 10 } });
    expect(bare).toMatchObject({ ok: false, from: 'task', faults: [{ path: ['budget', 'money'] }] });
    expect(JSON.stringify(bare)).toContain('budget.prices.trainerHour');
    expect(settingsOf({ budget: { money: 10 } }, { budget: { prices: { trainerHour: 0 } } }).ok).toBe(true);
    expect(settingsOf({ budget: { prices: { trainerHour: 2 } } }, { budget: { money: 10 } }).ok).toBe(true);
  });

  it('is told with where it is from, and that there is none without it', () => {
    const found = settingsOf({}, { budget: { trainerHours: 2 } });
    if (!found.ok) throw new Error(JSON.stringify(found.faults));
    expect(found.provenance).toContainEqual({ path: 'budget.trainerHours', value: '2', from: 'run', instead: 'none' });
    const all = settingsWithOrigin(found.settings, found.provenance);
    expect(all).toContainEqual({ path: 'budget.trainerHours', value: '2', from: 'run' });
    expect(all).toContainEqual({ path: 'sweep.eta', value: '3', from: 'default' });
    expect(all.some(({ from }) => from === 'preset')).toBe(true);
  });
});
