/** Every activity as the workflows see it, grouped by the queue and by how long it may take. Retries: docs/architecture.md. */
import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { CaptionListActivities, CaptionWindowActivities } from '../activities/captions/index.js';
import type { ChampionActivities } from '../activities/champions/index.js';
import type { ChildActivities } from '../activities/children/index.js';
import type { GenericActivities } from '../activities/data/generic/index.js';
import type { DatasetActivities } from '../activities/data/index.js';
import type { EvaluationActivities } from '../activities/evaluation/index.js';
import type { PreferenceActivities } from '../activities/preferences/index.js';
import type { RecipeActivities } from '../activities/recipe/resolve.js';
import type { RewritePlanning } from '../activities/recipe/rewrite.js';
import type { ReportActivities } from '../activities/report/index.js';
import type { RewritingActivities } from '../activities/rewriting/index.js';
import type { ServingActivities } from '../activities/serving/index.js';
import type { TrainingActivities } from '../activities/training/index.js';
import type { VlmActivities } from '../activities/vlm/index.js';
import type { WebhookActivities } from '../activities/webhook/index.js';
import { nonRetryableProblems } from '../config/problems.js';
import { taskQueues } from '../config/queues.js';

/** A cancelled activity is waited for: the trainer's checkpoint is written before the run closes. */
const common = {
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  heartbeatTimeout: '20 seconds',
  retry: {
    initialInterval: '1 second',
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: [...nonRetryableProblems],
  },
} satisfies ActivityOptions;

export const quick = proxyActivities<RecipeActivities & RewritePlanning & ChampionActivities & ChildActivities>({
  ...common,
  taskQueue: taskQueues.recipe,
  startToCloseTimeout: '10 minutes',
});

/** A report that can't be written must not hold up a run for ever: the final one is tried again by the next render. */
export const report = proxyActivities<ReportActivities>({
  ...common,
  taskQueue: taskQueues.recipe,
  startToCloseTimeout: '2 minutes',
  retry: { ...common.retry, maximumAttempts: 5 },
});

/** A receiver that stays away must not hold up a round: what it was to be told is in the history of champions. */
export const webhook = proxyActivities<WebhookActivities>({
  ...common,
  taskQueue: taskQueues.recipe,
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 hour',
  retry: { ...common.retry, initialInterval: '2 seconds', maximumInterval: '10 minutes' },
});

export const data = proxyActivities<DatasetActivities & CaptionListActivities>({
  ...common,
  taskQueue: taskQueues.data,
  startToCloseTimeout: '12 hours',
});

/** A hub that stays away for two hours ends the run: what has come of its files is kept, and the next run goes on there. */
export const hub = proxyActivities<GenericActivities>({
  ...common,
  taskQueue: taskQueues.data,
  startToCloseTimeout: '12 hours',
  retry: { ...common.retry, maximumInterval: '5 minutes', maximumAttempts: 30 },
});

export const vlm = proxyActivities<
  VlmActivities & EvaluationActivities & PreferenceActivities & CaptionWindowActivities & RewritingActivities
>({
  ...common,
  taskQueue: taskQueues.vlm,
  startToCloseTimeout: '3 days',
});

/** The same against a server of ours: when it can't be reached it is served anew rather than asked again for ever. */
export const vlmServed = proxyActivities<VlmActivities & CaptionWindowActivities>({
  ...common,
  taskQueue: taskQueues.vlm,
  startToCloseTimeout: '3 days',
  retry: { ...common.retry, nonRetryableErrorTypes: [...nonRetryableProblems, 'EndpointUnavailable'] },
});

type ModelWork =
  | 'exportModel'
  | 'answerOffline'
  | 'probeTraining'
  | 'measureAverages'
  | 'writeAverage'
  | 'answerAsBase';

/** Short control of trainers and servers: submit, stop, collect, serve. What they need may come out of a store first: a model's size in hours. A server that does not come up is started again by the workflow, which counts. */
export const gpu = proxyActivities<Omit<TrainingActivities, ModelWork> & ServingActivities>({
  ...common,
  taskQueue: taskQueues.gpu,
  startToCloseTimeout: '12 hours',
  retry: { ...common.retry, nonRetryableErrorTypes: [...nonRetryableProblems, 'ServingFailed'] },
});

/**
 * Work of a process on a whole model: hours for a large one. Another attempt begins it anew, so a limit below its time would
 * have it done again without end. The heartbeat tells that the worker lives, not that the process gets on.
 */
export const modelWork = proxyActivities<Pick<TrainingActivities, ModelWork>>({
  ...common,
  taskQueue: taskQueues.gpu,
  startToCloseTimeout: '3 days',
});

/** Watching a training: as long as training takes. */
export const training = proxyActivities<Pick<TrainingActivities, 'watchTraining'>>({
  ...common,
  taskQueue: taskQueues.gpu,
  startToCloseTimeout: '30 days',
});
