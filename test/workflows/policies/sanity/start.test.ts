import { describe, expect, it } from '@jest/globals';
import type { ProbeFigures, RecordFigures } from '../../../../config/probing.js';
import { startVerdict } from '../../../../workflows/policies/sanity/start.js';
import { groupOf, recordsOf, soundStart } from './builders.js';

type Part = keyof Pick<ProbeFigures, 'imageTokens' | 'labels' | 'template' | 'start' | 'step'>;

/** Sound figures with some of one probe changed. */
function changed<Name extends Part>(name: Name, change: Partial<NonNullable<ProbeFigures[Name]>>): ProbeFigures {
  return { ...soundStart, [name]: { ...soundStart[name], ...change } };
}

const groups = (...changes: Parameters<typeof groupOf>[]) =>
  changed('step', { groups: changes.map((each) => groupOf(...each)) });

describe('startVerdict', () => {
  it.each<[string, string, ProbeFigures]>([
    [
      'image tokens that are not the features',
      'framework:imageTokens',
      changed('imageTokens', { equal: 31, ids: ['a'] }),
    ],
    ['a row longer than the context', 'framework:imageTokens', changed('imageTokens', { cut: 1 })],
    ['a collation that refuses', 'framework:imageTokens', changed('imageTokens', { error: 'a: mismatch' })],
    ['one row without a label', 'framework:lossMask', changed('labels', { exact: 31, empty: 1 })],
    ['questions that carry loss', 'framework:lossMask', changed('labels', { exact: 0, extra: 32 })],
    ['answers cut off', 'framework:lossMask', changed('labels', { exact: 20, cut: 12 })],
    ['one prompt that is served otherwise', 'framework:template', changed('template', { equal: 31 })],
    ['tensors that are missing', 'framework:weights', changed('start', { missingWeights: 3 })],
    ['predictions of random weights', 'framework:weights', changed('start', { loss: 6.3, entropy: 6.1 })],
    ['answers in the questions', 'data:imageNotNeeded', changed('start', { loss: 0.001, told: 1, exact: 1 })],
    [
      'nothing trained',
      'framework:frozen',
      groups(['language', { trainable: 0, moved: 0 }], ['vision', { trainable: 0, moved: 0 }]),
    ],
    [
      'a part shut off',
      'framework:frozen',
      groups(['language'], ['vision', { trainable: 0, moved: 0, gradientNorm: 0 }]),
    ],
    ['a part without gradient', 'framework:frozen', groups(['language'], ['vision', { gradientNorm: 0, still: 10 }])],
    ['a frozen part that moves', 'framework:frozen', groups(['adapter'], ['language', { trainable: 0, moved: 3 }])],
    ['a gradient that is no number', 'framework:optimisation', groups(['language', { gradientNorm: null }])],
    ['a rate that moves nothing', 'framework:learningRate', changed('step', { relativeUpdate: 3e-8 })],
    ['a rate that replaces the weights', 'framework:learningRate', changed('step', { relativeUpdate: 4 })],
  ])('names %s', (_, verdict, probes) => {
    const decision = startVerdict(probes, recordsOf());
    expect(decision.verdict).toBe(verdict);
    expect(decision.reason.length).toBeGreaterThan(40);
  });

  it('takes parts for sound that the settings freeze, and names one of them that is trained', () => {
    const frozen = groups(['language'], ['vision', { trainable: 0, moved: 0, gradientNorm: 0 }]);
    expect(startVerdict(frozen, recordsOf(), ['vision']).verdict).toBe('healthy');
    expect(startVerdict(groups(['language'], ['vision']), recordsOf(), ['vision'])).toMatchObject({
      verdict: 'framework:frozen',
      reason: expect.stringContaining('vision part is trained'),
    });
  });

  it.each<[string, string, Partial<RecordFigures>]>([
    [
      'answers that end within a word',
      'data:truncatedAnswers',
      { truncated: { wrong: 0, right: 0, rows: 60, ids: ['a', 'b'] } },
    ],
    ['answers that the question tells', 'data:imageNotNeeded', { text: { judged: 300, right: 295, majority: 0.3 } }],
  ])('names %s by the records alone', (_, verdict, change) => {
    expect(startVerdict(soundStart, recordsOf(change)).verdict).toBe(verdict);
    expect(startVerdict(null, recordsOf(change)).verdict).toBe(verdict);
  });

  it.each<[string, ProbeFigures | null, RecordFigures | null]>([
    ['sound figures', soundStart, recordsOf()],
    [
      'an adapter on frozen weights',
      groups(['adapter'], ['language', { trainable: 0, moved: 0, gradientNorm: 0 }]),
      null,
    ],
    ['a set that one answer rules', soundStart, recordsOf({ text: { judged: 400, right: 380, majority: 0.95 } })],
    ['few answers that seem cut', soundStart, recordsOf({ truncated: { wrong: 0, right: 0, rows: 12, ids: [] } })],
    ['questions asked once each', soundStart, recordsOf({ text: { judged: 0, right: 0, majority: 0.1 } })],
    ['a dataset of no record', soundStart, recordsOf({ rows: 0, asked: 0, wrong: 0 })],
  ])('calls %s healthy', (_, probes, records) => {
    expect(startVerdict(probes, records).verdict).toBe('healthy');
  });

  it('says of those probes alone that were taken that all is as it should be', () => {
    const untaken = { imageTokens: null, labels: null, template: null, start: null, step: null };
    expect(startVerdict(soundStart, recordsOf()).reason).toBe(
      'As they should be: labels, template, image tokens, weights, one step, answers; the loss at start is 13.2 nats a token.',
    );
    expect(startVerdict({ ...soundStart, template: null, step: null }, null).reason).toContain(
      'As they should be: labels, image tokens, weights;',
    );
    expect(startVerdict({ ...soundStart, ...untaken }, null).verdict).toBe('cannotTell');
  });

  it('can not tell without a probe, and names the records that prove a fault', () => {
    expect(startVerdict(null, null)).toMatchObject({ verdict: 'cannotTell', settles: expect.any(String) });
    const many = Array.from({ length: 30 }, (_, index) => `id${index}`);
    const { evidence } = startVerdict(changed('template', { equal: 2, ids: many }), null);
    expect(String(evidence['records']).split(', ')).toHaveLength(20);
  });
});
