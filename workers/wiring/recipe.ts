import { createChampionActivities } from '../../activities/champions/index.js';
import { sharedHistory } from '../../activities/champions/sharedHistory.js';
import { createChildActivities } from '../../activities/children/index.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { createRecipeActivities } from '../../activities/recipe/resolve.js';
import { createRewritePlanning } from '../../activities/recipe/rewrite.js';
import { createReportActivities } from '../../activities/report/index.js';
import { modelInfo, requireSpace } from '../../activities/training/index.js';
import { trainerCapabilities } from '../../activities/training/models.js';
import { createWebhookActivities } from '../../activities/webhook/index.js';
import { beat } from '../boundary.js';
import { life, log, type Place, pythonSide, registered } from './place.js';

export function activities(place: Place) {
  const side = pythonSide(place);
  const places = {
    root: place.root,
    packageFolder,
    modelInfo: (folder: string) => modelInfo(side, folder),
  };
  return {
    ...createReportActivities({
      heartbeat: beat,
      log,
      bring: place.mirror && ((file) => place.mirror?.bringAbsent(file) ?? Promise.resolve()),
      toStored: place.mirror && ((value) => place.mirror?.toStored(value) ?? value),
    }),
    ...createRewritePlanning(places),
    ...createChampionActivities({ ...places, sharedHistory: place.mirror && sharedHistory(place.mirror) }),
    ...createChildActivities({ workflowService: place.connection.workflowService, namespace: place.namespace }),
    ...createWebhookActivities({
      environment: (name) => process.env[name],
      signal: life.cancelled,
      now: Date.now,
    }),
    ...createRecipeActivities({
      ...places,
      trainerCapabilities: () => trainerCapabilities(side),
      requireSpace: (folder) => requireSpace(folder),
      searchAttributesRegistered: () => registered(place),
    }),
  };
}
