import { createCaptionWindowActivities } from '../../activities/captions/index.js';
import { createEvaluationActivities } from '../../activities/evaluation/index.js';
import { createPreferenceActivities } from '../../activities/preferences/index.js';
import { createRewritingActivities } from '../../activities/rewriting/index.js';
import { createVlmActivities } from '../../activities/vlm/index.js';
import { asking, log } from './place.js';

export function activities() {
  return {
    ...createVlmActivities(asking),
    ...createCaptionWindowActivities(asking),
    ...createRewritingActivities(asking),
    ...createEvaluationActivities({ log }),
    ...createPreferenceActivities({ log }),
  };
}
