import { createCaptionListActivities } from '../../activities/captions/index.js';
import { createGenericActivities } from '../../activities/data/generic/index.js';
import { createDatasetActivities } from '../../activities/data/index.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { beat } from '../boundary.js';
import { asking, beatUnlessCancelled, type Place, registered } from './place.js';

export function activities(place: Place) {
  return {
    ...createDatasetActivities({ heartbeat: beatUnlessCancelled }),
    ...createGenericActivities({ ...asking, heartbeat: beat }),
    ...createCaptionListActivities({
      root: place.root,
      packageFolder,
      heartbeat: beatUnlessCancelled,
      searchAttributesRegistered: () => registered(place),
    }),
  };
}
