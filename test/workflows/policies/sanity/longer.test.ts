import { trainsLonger } from '../../../../workflows/policies/sanity/longer.js';
import { evaluationOf, shareOf } from '../builders.js';

const judged = (verdict: string) => ({ verdict, reason: `It is ${verdict}.`, evidence: { score: 0.88 } });
const asked = evaluationOf({ score: shareOf(176, 200) });

describe('trainsLonger (R9, methods M5)', () => {
  it.each(['cannotTell', 'moreEpochs'])('trains on where the verdict is %s', (verdict) => {
    expect(trainsLonger(judged(verdict), asked)).toEqual({
      verdict: 'trainLonger',
      reason: `It is ${verdict}. It is trained on half as long again, once.`,
      evidence: { score: 0.88 },
    });
  });

  it.each(['canRepeat', 'cannotRepeat', 'data:conflicts', 'framework:serving'])(
    'does not where it is %s',
    (verdict) => {
      expect(trainsLonger(judged(verdict), asked)).toBeNull();
    },
  );

  it('does not where too little was asked to tell anything', () => {
    expect(trainsLonger(judged('cannotTell'), evaluationOf({ score: shareOf(4, 5) }))).toBeNull();
    expect(trainsLonger(judged('cannotTell'), evaluationOf({ score: shareOf(30, 30) }))).toBeNull();
    expect(trainsLonger(judged('cannotTell'), evaluationOf({ score: shareOf(176, 200), excluded: 40 }))).toBeNull();
  });
});
