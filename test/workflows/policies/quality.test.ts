import fc from 'fast-check';
import { QualitySettings } from '../../../config/quality.js';
import { planFineStage, QualityCounts } from '../../../workflows/policies/fineStage.js';
import { type QualitySigns, qualityOf } from '../../../workflows/policies/quality.js';

const settings = QualitySettings.parse({});
const clean: QualitySigns = {
  source: 1,
  conflict: false,
  nearDuplicate: false,
  agreement: null,
  repairs: 0,
  rewritten: false,
  accepted: null,
  loss: null,
};
const of = (signs: Partial<QualitySigns>) => qualityOf({ ...clean, ...signs }, settings.costs);

describe('qualityOf (R15)', () => {
  it('is 1 where nothing speaks against the answer, and says what each finding cost', () => {
    expect(of({})).toEqual({ quality: 1, parts: [] });
    expect(of({ agreement: 1, loss: 0 })).toEqual({ quality: 1, parts: [] });
    expect(of({ conflict: true, repairs: 2 })).toEqual({
      quality: 0.4,
      parts: [
        { name: 'conflict', cost: 0.5 },
        { name: 'repair', cost: 0.1 },
      ],
    });
    expect(of({ agreement: 0.5, source: 0.5 }).quality).toBe(0.65);
  });

  it('heeds a person before a model: accepted findings cost nothing, a refused answer is worth nothing', () => {
    expect(of({ conflict: true, agreement: 0, rewritten: true, loss: 9, accepted: true }).quality).toBe(1);
    expect(of({ nearDuplicate: true, accepted: true }).quality).toBe(0.9);
    expect(of({ accepted: false }).quality).toBe(0);
  });

  it('lies from 0 to 1, and no finding raises it', () => {
    const signs = fc.record({
      source: fc.double({ min: 0, max: 1, noNaN: true }),
      conflict: fc.boolean(),
      nearDuplicate: fc.boolean(),
      agreement: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      repairs: fc.nat(9),
      rewritten: fc.boolean(),
      accepted: fc.option(fc.boolean()),
      loss: fc.option(fc.double({ noNaN: false })),
    });
    fc.assert(
      fc.property(signs, (given) => {
        const { quality } = qualityOf(given, settings.costs);
        expect(quality >= 0 && quality <= 1).toBe(true);
        for (const worse of [{ conflict: true }, { nearDuplicate: true }, { rewritten: true }, { source: 0 }])
          expect(qualityOf({ ...given, ...worse }, settings.costs).quality).toBeLessThanOrEqual(quality);
      }),
      { seed: 8 },
    );
  });
});

interface Scored {
  quality: number;
  kind: string;
}

function planOf(records: readonly Scored[], over: object = {}) {
  const counts = new QualityCounts();
  for (const { quality, kind } of records) counts.add(quality, kind);
  return planFineStage(counts, QualitySettings.parse({ fineReplay: 0, ...over }));
}

describe('planFineStage (R14, R15, methods M9)', () => {
  const spread = Array.from({ length: 400 }, (_, index) => ({ quality: index / 399, kind: index % 2 ? 'a' : 'b' }));

  it('takes the best share', () => {
    const plan = planOf(spread);
    const fine = spread.filter((record) => plan.isFine(record, 0.5));
    expect(plan.decision).toMatchObject({ verdict: 'fineSet', evidence: { records: 400, fine: fine.length } });
    expect(fine).toHaveLength(200);
    expect(Math.min(...fine.map(({ quality }) => quality))).toBeGreaterThan(0.49);
  });

  it('uses all records where they are of one quality', () => {
    const same = spread.map((record) => ({ ...record, quality: 0.9 }));
    expect(planOf(same).decision.verdict).toBe('sameRecords');
    expect(planOf(spread, { fineShare: 1 }).decision.verdict).toBe('sameRecords');
  });

  it('keeps ten of every slice, or all it has', () => {
    const weak = Array.from({ length: 30 }, (_, index) => ({ quality: index / 1000, kind: 'weak' }));
    const rare = [{ quality: 0.01, kind: 'rare' }];
    const plan = planOf([...spread, ...weak, ...rare]);
    expect(weak.filter((record) => plan.isFine(record, 0.5))).toEqual(weak.slice(20));
    expect(plan.isFine(rare[0] ?? {}, 0.5)).toBe(true);
  });

  it('refuses fewer than 50, and a plan without records is none', () => {
    const few = [
      ...spread.slice(0, 45).map((record) => ({ ...record, quality: 1 })),
      { quality: 0.2, kind: 'a' },
      { quality: 0.1, kind: 'a' },
    ];
    expect(planOf(few, { finePerSlice: 0 }).decision.verdict).toBe('tooFewFine');
    expect(planOf([]).decision.verdict).toBe('sameRecords');
  });

  it('mixes in a share of the rest', () => {
    const plan = planOf(spread, { fineReplay: 0.1 });
    const [worst] = spread;
    expect(worst && plan.isFine(worst, 0.09)).toBe(true);
    expect(worst && plan.isFine(worst, 0.11)).toBe(false);
  });

  it('covers every slice whatever the qualities are', () => {
    const records = fc.array(
      fc.record({ quality: fc.double({ min: 0, max: 1, noNaN: true }), kind: fc.constantFrom('a', 'b', 'c', 'd') }),
      { minLength: 60, maxLength: 300 },
    );
    fc.assert(
      fc.property(records, (given) => {
        const plan = planOf(given);
        for (const kind of ['a', 'b', 'c', 'd']) {
          const slice = given.filter((record) => record.kind === kind);
          const fine = slice.filter((record) => plan.isFine(record, 0.99));
          expect(fine.length).toBeGreaterThanOrEqual(Math.min(10, slice.length));
        }
      }),
      { numRuns: 50, seed: 6 },
    );
  });
});
