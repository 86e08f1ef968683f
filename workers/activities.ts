/** Wires the activities of one worker to the world: the only place where deps are made. */
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { NativeConnection } from '@temporalio/worker';
import { createCaptionListActivities, createCaptionWindowActivities } from '../activities/captions/index.js';
import { createGenericActivities } from '../activities/data/generic/index.js';
import { createDatasetActivities } from '../activities/data/index.js';
import { createEvaluationActivities } from '../activities/evaluation/index.js';
import { type ActivityLog, temporalLife } from '../activities/processes/life.js';
import { createRecipeActivities, packageFolder } from '../activities/recipe/resolve.js';
import { createRewritePlanning } from '../activities/recipe/rewrite.js';
import { createReportActivities } from '../activities/report/index.js';
import { createRewritingActivities } from '../activities/rewriting/index.js';
import { createServingActivities } from '../activities/serving/index.js';
import { createTrainingActivities, modelInfo, requireSpace } from '../activities/training/index.js';
import { trainerCapabilities } from '../activities/training/models.js';
import type { VlmDeps } from '../activities/vlm/deps.js';
import { createVlmActivities } from '../activities/vlm/index.js';
import { searchAttributes, type taskQueues } from '../config/queues.js';
import { beat } from './boundary.js';

const life = { ...temporalLife, heartbeat: beat };

/** Ends a build at its next beat: no half folder stays behind. */
function beatUnlessCancelled(details: unknown): void {
  beat(details);
  life.cancelled().throwIfAborted();
}

const log: ActivityLog = {
  info: (message, attributes) => Context.current().log.info(message, attributes),
  warn: (message, attributes) => Context.current().log.warn(message, attributes),
};

const asking: VlmDeps = {
  heartbeat: beat,
  signal: life.cancelled,
  environment: (name) => process.env[name],
  log,
};

/** The activities of a queue. Throws where the environment of a worker lacks what they need. */
export function activitiesOf(kind: keyof typeof taskQueues, connection: NativeConnection, namespace: string): object {
  const python = required('ANNEAL_PYTHON');
  const side = { python, trainerFolder: path.join(packageFolder, 'trainer') };
  switch (kind) {
    case 'data':
      return {
        ...createDatasetActivities({ heartbeat: beatUnlessCancelled }),
        ...createGenericActivities({ ...asking, heartbeat: beat }),
        ...createCaptionListActivities({
          root: required('ANNEAL_ROOT'),
          packageFolder,
          heartbeat: beatUnlessCancelled,
          searchAttributesRegistered: () => registered(connection, namespace),
        }),
      };
    case 'vlm':
      return {
        ...createVlmActivities(asking),
        ...createCaptionWindowActivities(asking),
        ...createRewritingActivities(asking),
        ...createEvaluationActivities({ log }),
      };
    case 'gpu':
      return {
        ...createTrainingActivities({ ...life, ...side, log }),
        ...createServingActivities({ ...life, python, log }),
      };
    case 'recipe': {
      const places = {
        root: required('ANNEAL_ROOT'),
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
          searchAttributesRegistered: () => registered(connection, namespace),
        }),
      };
    }
  }
}

async function registered(connection: NativeConnection, namespace: string): Promise<boolean> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.values(searchAttributes).every((name) => customAttributes && name in customAttributes);
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(`The environment variable ${variable} is not set; workers are started by \`anneal dev\`.`);
}
