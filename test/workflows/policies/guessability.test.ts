import fc from 'fast-check';
import { guessability, type ProbeCount, positionBias, probeNames } from '../../../workflows/policies/guessability.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';

const asked = (share: number, n: number, random: () => number): ProbeCount => ({
  right: Array.from({ length: n }, random).filter((drawn) => drawn < share).length,
  n,
  chance: 0.25,
});

/** Verdicts of sets whose probes are right with the given chances, over many seeds. */
function verdicts(shares: readonly number[], n: number, seeds = 400): Record<string, number> {
  const counts: Record<string, number> = { fair: 0, guessable: 0, cannotTell: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const random = uniformFrom(seed);
    const probes = Object.fromEntries(probeNames.map((name, index) => [name, asked(shares[index] ?? 0.25, n, random)]));
    const { verdict } = guessability(probes);
    counts[verdict] = (counts[verdict] ?? 0) + 1 / seeds;
  }
  return counts;
}

describe('guessability (R7, methods M4)', () => {
  it('passes a fair set in at least 95 % of seeds', () => {
    expect(verdicts([0.25, 0.25, 0.25], 400)['fair']).toBeGreaterThanOrEqual(0.95);
    expect(verdicts([0.25, 0.25, 0.25], 200)['fair']).toBeGreaterThanOrEqual(0.95);
  });

  it.each([0, 1, 2])('fails a set that probe %i guesses, in at least 95 % of seeds', (probe) => {
    const shares = [0.25, 0.25, 0.25].map((share, index) => (index === probe ? 0.4 : share));
    expect(verdicts(shares, 400)['guessable']).toBeGreaterThanOrEqual(0.95);
  });

  it('needs five points over chance beside significance', () => {
    const fair = { right: 2500, n: 10_000, chance: 0.25 };
    const probes = { questionAndOptions: fair, imageAndOptions: fair, optionsAlone: { ...fair, right: 2800 } };
    expect(guessability(probes).verdict).toBe('fair');
    expect(guessability({ ...probes, optionsAlone: { ...fair, right: 3100 } })).toMatchObject({
      verdict: 'guessable',
      evidence: { by: 'optionsAlone' },
    });
  });

  it('cannot tell where a probe is missing or small, and says what would settle it', () => {
    const fair = { right: 100, n: 400, chance: 0.25 };
    expect(guessability({ optionsAlone: fair })).toMatchObject({
      verdict: 'cannotTell',
      settles: expect.stringContaining('without the picture'),
    });
    expect(guessability({ optionsAlone: { ...fair, right: 300 } }).verdict).toBe('guessable');
    expect(guessability({}).verdict).toBe('cannotTell');
  });

  it('is total: no counts make it throw, and the same counts give the same verdict', () => {
    const count = fc.record({ right: fc.nat(500), n: fc.nat(500), chance: fc.double({ min: 0, max: 1 }) });
    fc.assert(
      fc.property(count, count, count, (a, b, c) => {
        const probes = { questionAndOptions: a, imageAndOptions: b, optionsAlone: c };
        expect(guessability(probes)).toEqual(guessability(probes));
      }),
      { numRuns: 200, seed: 2 },
    );
  });
});

describe('positionBias', () => {
  it('is the best recall over the mean, and asks for rotations above ten points', () => {
    const places = [90, 60, 60, 60].map((right) => ({ right, n: 100 }));
    expect(positionBias(places)?.bias).toBeCloseTo(0.225);
    expect(positionBias(places)?.rotate).toBe(true);
    expect(positionBias([70, 65, 68].map((right) => ({ right, n: 100 })))?.rotate).toBe(false);
    expect(positionBias([{ right: 0, n: 0 }])).toBeNull();
  });
});
