import { planSteps } from '../../cli/planSteps.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import { RecipeSettings } from '../../config/settings.js';

const stepsOf = (settings: object, generic: object | null = {}) =>
  planSteps({ settings: RecipeSettings.parse(settings), generic } as ResolvedRecipe);
const doing = (name: string, steps: ReturnType<typeof stepsOf>) => steps.find((each) => each.name === name)?.does;

describe('planSteps', () => {
  it('has preferences only where a setting does not leave them out', () => {
    expect(doing('alignPreferences', stepsOf({}))).toContain('pairs');
    expect(stepsOf({ align: { when: 'off' } }).map(({ name }) => name)).toEqual([
      ...['buildDataset', 'promptFirst', 'sanityCheck', 'sweep', 'mixGeneric', 'trainStaged', 'evaluate'],
    ]);
  });

  it('says where there is no generic data to mix in, and what the sweep compares', () => {
    expect(doing('mixGeneric', stepsOf({}))).toContain('keeps general ability');
    expect(doing('mixGeneric', stepsOf({}, null))).toContain('general ability is not measured');
    expect(doing('sweep', stepsOf({ sweep: { trials: 9 } }))).toContain('9 trials');
    expect(doing('sweep', stepsOf({}))).not.toContain('trials');
  });
});
