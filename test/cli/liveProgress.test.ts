import { progressLine } from '../../cli/liveProgress.js';
import type { TrainingHeartbeat } from '../../config/training.js';

const training: TrainingHeartbeat = {
  stage: 'coarse',
  step: 40,
  totalSteps: 120,
  epoch: 1.234,
  loss: 0.3141,
  losses: { validation: 0.5, generic: null },
  samplesPerSecond: 84.6,
  etaSeconds: 200,
  checkpoint: null,
  pid: 7,
  attempt: 1,
};

describe('the progress of a run in one line', () => {
  it('tells a training with its losses, speed and the time left', () => {
    expect(progressLine(training)).toBe(
      'coarse: step 40 of 120, epoch 1.2, loss 0.314, validation loss 0.500, generic loss not a number, 85 samples/s, 3 min left',
    );
  });

  it('leaves out what is not known yet', () => {
    const early = { ...training, loss: null, losses: {}, samplesPerSecond: null, etaSeconds: null };
    expect(progressLine(early)).toBe('coarse: step 40 of 120, epoch 1.2');
  });

  it('tells how many questions were asked, and how many rows were read', () => {
    expect(progressLine({ done: 12, total: 400, waiting: 3, rate: 4.25 })).toBe(
      'asked 12 of 400 questions, 4.3 a second',
    );
    expect(progressLine({ stage: 'data', source: 'digits', rows: 900 })).toBe('digits: 900 rows read');
  });

  it.each([undefined, null, 'writing', { stage: 'coarse' }])('says nothing of %j', (details) => {
    expect(progressLine(details)).toBeNull();
  });
});
