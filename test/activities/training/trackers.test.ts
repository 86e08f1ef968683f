import { afterEach, describe, expect, it } from '@jest/globals';
import { trackerEnvironment } from '../../../activities/training/trackers.js';

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

describe('trackerEnvironment', () => {
  it('hands the variables of the trackers that are asked for, and no others', () => {
    process.env['MLFLOW_TRACKING_URI'] = 'http://127.0.0.1:5000';
    process.env['WANDB_API_KEY'] = 'secret';
    expect(trackerEnvironment(['mlflow'])).toEqual({ MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000' });
    expect(trackerEnvironment()).toEqual({});
  });

  it('names the workflow of the training to a tracker', () => {
    expect(trackerEnvironment(['tensorboard'], 'boost-digits.sweep.rate-1')).toEqual({
      ANNEAL_WORKFLOW_ID: 'boost-digits.sweep.rate-1',
    });
    expect(trackerEnvironment([], 'boost-digits.sweep.rate-1')).toEqual({});
  });
});
