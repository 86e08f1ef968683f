import { createServingActivities } from '../../activities/serving/index.js';
import { createTrainingActivities } from '../../activities/training/index.js';
import { life, log, pythonSide } from './place.js';

export function activities(): object {
  const side = pythonSide();
  return {
    ...createTrainingActivities({ ...life, ...side, log }),
    ...createServingActivities({ ...life, python: side.python, log }),
  };
}
