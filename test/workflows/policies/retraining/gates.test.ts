import { judgeContest } from '../../../../workflows/policies/retraining/contest.js';
import { enoughNew } from '../../../../workflows/policies/retraining/enoughNew.js';
import { labelsFit } from '../../../../workflows/policies/retraining/labelsFit.js';
import { promotionDefaults } from '../../../../workflows/policies/retraining/promotion.js';
import { shareOf } from '../builders.js';

describe('enoughNew (methods M13)', () => {
  const plenty = { train: 100, trainBefore: 500, window: 60, drift: 'same' };
  const limits = { minimumNew: 0.1 };

  it('trains from a tenth of new records on', () => {
    expect(enoughNew({ ...plenty, train: 50 }, limits).verdict).toBe('train');
    expect(enoughNew({ ...plenty, train: 49 }, limits)).toMatchObject({
      verdict: 'wait',
      reason: expect.stringContaining('49 new training records to the champion’s 500: below 10.0 %'),
    });
  });

  it('takes drift for a reason to label, not to train', () => {
    const { verdict, reason } = enoughNew({ ...plenty, train: 10, drift: 'drifted' }, limits);
    expect(verdict).toBe('wait');
    expect(reason).toContain('label more of it');
  });

  it('trains nothing that could not meet the champion', () => {
    expect(enoughNew({ ...plenty, window: 9 }, limits)).toMatchObject({
      verdict: 'wait',
      reason: expect.stringContaining('Only 9 new test items, on 10 of which at least'),
    });
    expect(enoughNew({ ...plenty, window: 10 }, limits).verdict).toBe('train');
  });

  it('takes a champion without records for one that everything is new to', () => {
    const { verdict, evidence } = enoughNew({ ...plenty, trainBefore: 0 }, limits);
    expect({ verdict, share: evidence['share'] }).toEqual({ verdict: 'train', share: null });
  });

  it('trains on corrections alone where the setting says so', () =>
    expect(enoughNew({ ...plenty, train: 0 }, { minimumNew: 0 }).verdict).toBe('train'));
});

describe('labelsFit (methods M13)', () => {
  const labels = (champion: number, challenger: number, change: object = {}) =>
    labelsFit({
      champion: shareOf(Math.round(100 * champion), 100),
      challenger: shareOf(Math.round(100 * challenger), 100),
      baseline: 0.28,
      frozen: shareOf(285, 300),
      gains: false,
      ...change,
    });

  it('doubts labels that neither model can say', () => {
    const { verdict, reason, settles } = labels(0.24, 0.27);
    expect(verdict).toBe('doubtful');
    expect(reason).toContain('the champion says 24.0 % as labelled');
    expect(reason).toContain('no better than always giving the commonest (28.0 %)');
    expect(settles).toContain('by hand');
  });

  it('doubts a batch of which half is shuffled, without calling it a guess', () => {
    const { verdict, reason } = labels(0.62, 0.6);
    expect(verdict).toBe('doubtful');
    expect(reason).not.toContain('commonest');
  });

  it.each([
    ['the champion says them', 0.94, 0.6],
    ['the challenger learnt them', 0.3, 0.95],
    ['they are a little harder', 0.85, 0.84],
  ])('trusts labels where %s', (_, champion, challenger) => expect(labels(champion, challenger).verdict).toBe('fit'));

  it('trusts hard new items on which the challenger surely gains', () =>
    expect(labels(0.2, 0.6, { gains: true }).verdict).toBe('fit'));

  it('does not doubt few items, which may be hard by chance', () => {
    const few = { champion: shareOf(7, 10), challenger: shareOf(7, 10) };
    expect(labels(0, 0, few).verdict).toBe('fit');
  });

  it('does not doubt labels where the champion was never better', () =>
    expect(labels(0.24, 0.27, { frozen: shareOf(90, 300) }).verdict).toBe('fit'));
});

describe('judgeContest', () => {
  const pairs = Array.from({ length: 100 }, (_, index) => ({
    group: `g${index}`,
    before: index < 30 ? 0 : 1,
    after: 1,
  }));
  const contest = {
    window: pairs,
    anchor: pairs,
    anchorOfBest: [],
    generic: [],
    slices: {},
    validity: shareOf(200, 200),
    cost: null,
  };
  const limits = { ...promotionDefaults, round: 1, formatValidity: 0.9 };

  it('is the gate where at most 2 % of the items got no answer', () =>
    expect(judgeContest(contest, { asked: 204, excluded: 4 }, limits).verdict).toBe('promote'));

  it('tells nothing above that', () =>
    expect(judgeContest(contest, { asked: 205, excluded: 5 }, limits)).toMatchObject({
      verdict: 'cannotTell',
      reason: expect.stringContaining('5 of 205 items (2.4 %) got no answer'),
    }));

  it('tells nothing of no item', () =>
    expect(judgeContest({ ...contest, window: [], anchor: [] }, { asked: 0, excluded: 0 }, limits).verdict).toBe(
      'cannotTell',
    ));
});
