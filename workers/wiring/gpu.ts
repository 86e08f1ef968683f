import { createServingActivities } from '../../activities/serving/index.js';
import { createTrainingActivities } from '../../activities/training/index.js';
import { life, log, metrics, type Place, pythonSide } from './place.js';

export function activities(place: Place) {
  const side = pythonSide(place);
  return {
    ...createTrainingActivities({ ...life, ...side, log, metrics, traces: place.traces }),
    ...createServingActivities({ ...life, python: side.python, log }),
  };
}
