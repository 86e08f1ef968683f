import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { createRecipeActivities } from '../../activities/recipe/resolve.js';
import { createRewritePlanning } from '../../activities/recipe/rewrite.js';
import { createReportActivities } from '../../activities/report/index.js';
import { modelInfo, requireSpace } from '../../activities/training/index.js';
import { trainerCapabilities } from '../../activities/training/models.js';
import { beat } from '../boundary.js';
import { log, type Place, pythonSide, registered } from './place.js';

export function activities(place: Place) {
  const side = pythonSide(place);
  const places = {
    root: place.root,
    packageFolder,
    modelInfo: (folder: string) => modelInfo(side, folder),
  };
  return {
    ...createReportActivities({ heartbeat: beat, log }),
    ...createRewritePlanning(places),
    ...createRecipeActivities({
      ...places,
      trainerCapabilities: () => trainerCapabilities(side),
      requireSpace: (folder) => requireSpace(folder),
      searchAttributesRegistered: () => registered(place),
    }),
  };
}
