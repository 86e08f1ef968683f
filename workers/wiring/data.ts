import { createCaptionListActivities } from '../../activities/captions/index.js';
import { createGenericActivities } from '../../activities/data/generic/index.js';
import { createDatasetActivities } from '../../activities/data/index.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { beat } from '../boundary.js';
import { asking, beatUnlessCancelled, registered, required, type Server } from './place.js';

export function activities(server: Server): object {
  return {
    ...createDatasetActivities({ heartbeat: beatUnlessCancelled }),
    ...createGenericActivities({ ...asking, heartbeat: beat }),
    ...createCaptionListActivities({
      root: required('ANNEAL_ROOT'),
      packageFolder,
      heartbeat: beatUnlessCancelled,
      searchAttributesRegistered: () => registered(server),
    }),
  };
}
