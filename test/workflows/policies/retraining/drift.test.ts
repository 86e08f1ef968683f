import { drift, type Feature } from '../../../../workflows/policies/retraining/drift.js';
import { normalDraw, uniformFrom } from '../../../../workflows/policies/statistics/random.js';

const limits = { alpha: 0.01, seed: 1 };

/** A class of each record: 0 with the given share, else 1 to 3 in equal parts. */
function classes(n: number, share: number, seed: number): number[] {
  const uniform = uniformFrom(seed);
  return Array.from({ length: n }, () => (uniform() < share ? 0 : 1 + Math.floor(3 * uniform())));
}

function measures(n: number, { mean = 0, spread = 1 }: { mean?: number; spread?: number }, seed: number): number[] {
  const uniform = uniformFrom(seed);
  return Array.from({ length: n }, () => mean + spread * normalDraw(uniform));
}

const answers = (before: number[], now: number[]): Feature => ({ name: 'answers', kind: 'class', before, now });
const brightness = (before: number[], now: number[]): Feature => ({ name: 'brightness', kind: 'measure', before, now });

describe('drift (methods M13)', () => {
  it('finds a shift of labels, and says how far and how surely', () => {
    const { verdict, reason, evidence } = drift([answers(classes(300, 0.25, 1), classes(100, 0.6, 2))], limits);
    expect(verdict).toBe('drifted');
    expect(reason).toMatch(/differ .* in answers \(distance 0\.\d+, p = 0\.001\)/);
    expect(evidence).toMatchObject({ groupsBefore: 300, groupsNow: 100, answersP: 0.001 });
  });

  it.each([
    ['darker', { mean: -0.6 }],
    ['of the same mean and more spread', { spread: 2 }],
  ])('finds pictures that are %s', (_, shape) => {
    const found = drift([brightness(measures(200, {}, 3), measures(100, shape, 4))], limits);
    expect(found.verdict).toBe('drifted');
  });

  it('names only what moved', () => {
    const same = answers(classes(300, 0.25, 5), classes(100, 0.25, 6));
    const moved = brightness(measures(300, {}, 7), measures(100, { mean: 1 }, 8));
    expect(drift([same, moved], limits).reason).toMatch(/differ from those before in brightness \(/);
  });

  it('calls nothing different where all values are equal', () => {
    const constant = Array.from({ length: 50 }, () => 16_384);
    expect(drift([brightness(constant, constant)], limits)).toMatchObject({
      verdict: 'same',
      evidence: { brightnessDistance: 0, brightnessP: 1 },
    });
  });

  it.each([
    ['too few new groups', [brightness(measures(200, {}, 1), measures(29, { mean: 5 }, 2))], 'Only 29 groups'],
    ['nothing measured', [], 'Only 0 groups'],
  ])('tells nothing with %s', (_, features, says) => {
    const { verdict, reason, settles } = drift(features, limits);
    expect(verdict).toBe('cannotTell');
    expect(reason).toContain(says);
    expect(settles).toContain('30');
  });

  it('gives the same verdict for the same figures', () => {
    const features = [answers(classes(60, 0.4, 9), classes(60, 0.5, 10))];
    expect(drift(features, limits)).toEqual(drift(features, limits));
  });

  it('gives a false alarm no oftener than alpha over all features, ties and unequal sides included', () => {
    const series = 100;
    const alpha = 0.05;
    const alarms = Array.from({ length: series }, (_, index) => {
      const seed = 1000 * (index + 1);
      const features = [
        answers(classes(50, 0.5, seed), classes(30, 0.5, seed + 1)),
        brightness(measures(50, {}, seed + 2), measures(30, {}, seed + 3)),
        brightness(measures(50, {}, seed + 4).map(Math.round), measures(30, {}, seed + 5).map(Math.round)),
      ];
      return drift(features, { alpha, seed }).verdict === 'drifted' ? 1 : 0;
    });
    const rate = alarms.reduce<number>((sum, alarm) => sum + alarm, 0) / series;
    // Three standard errors above alpha.
    expect(rate).toBeLessThan(alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / series));
  });
});
