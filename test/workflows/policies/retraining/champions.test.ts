import {
  bestChampion,
  championBefore,
  championOf as championNow,
  lastRound,
  nextContest,
} from '../../../../workflows/policies/retraining/champions.js';
import { championOf, datasetOf, historyOf } from '../../../activities/champions/builders.js';

const [a, b, c] = [championOf('a'), championOf('b'), championOf('c')];
const scores = (champion: number, challenger: number) => ({ anchorScores: { champion, challenger } });

describe('champions of a history', () => {
  it('are none at the beginning', () => {
    expect(championNow([])).toBeNull();
    expect(championBefore([])).toBeNull();
    expect(bestChampion([])).toBeNull();
    expect(lastRound([])).toBeNull();
    expect(nextContest([])).toBe(1);
  });

  it('the one before is the last other one of before the present one came', () => {
    const history = historyOf({ champion: a }, { champion: b }, { champion: b }, { champion: c });
    expect(championBefore(history)?.champion).toEqual(b);
    expect(championBefore(history.slice(0, 3))?.champion).toEqual(a);
    expect(championBefore(historyOf({ champion: null }, { champion: a }))).toBeNull();
  });

  it('after a rollback it is not the one that was rolled back', () => {
    const history = historyOf(
      { champion: a },
      { champion: b },
      { champion: c },
      { champion: b, verdict: 'rolledBack' },
    );
    expect(championBefore(history)?.champion).toEqual(a);
  });

  it('the best is the one with the highest score when it was last asked', () => {
    const history = historyOf(
      { champion: a, round: { contest: false } },
      { champion: b, verdict: 'promoted', round: scores(0.9, 0.88) },
      { champion: b, verdict: 'kept', round: scores(0.87, 0.95) },
    );
    expect(bestChampion(history)).toEqual(a);
    const later = historyOf(...history, { champion: c, verdict: 'promoted', round: scores(0.87, 0.93) });
    expect(bestChampion(later)).toEqual(c);
  });

  it('a challenger that lost is never the best champion', () =>
    expect(
      bestChampion(historyOf({ champion: a }, { champion: a, verdict: 'kept', round: scores(0.5, 0.99) })),
    ).toEqual(a));

  it('contests are counted, whoever won; rounds without one and rollbacks are not', () => {
    const history = historyOf(
      { round: { contest: false } },
      { verdict: 'kept', round: { contest: true } },
      { verdict: 'rolledBack', round: null },
      { verdict: 'refused', round: { contest: false, dataset: datasetOf('last') } },
    );
    expect(nextContest(history)).toBe(2);
    expect(lastRound(history)?.dataset.digest).toBe('last');
    expect(lastRound(historyOf({}, { verdict: 'rolledBack', round: null }))?.dataset.digest).toBe('d');
  });
});
