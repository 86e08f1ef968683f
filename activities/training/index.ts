/** The local adapter of the training contract (docs/training-contract.md), as activities. */
import type { JobHandle } from '../../config/training.js';
import { logTail } from '../processes/detached.js';
import { beating } from '../processes/life.js';
import { toPath } from '../storage/files.js';
import { type AveragesInput, measureAverages, type WriteAverageInput, writeAverage } from './averages.js';
import { collectTraining } from './collect.js';
import type { TrainingDeps } from './deps.js';
import { type DiscardInput, discardCheckpoints } from './discard.js';
import { type ExportInput, exportModel } from './exportModel.js';
import { jobFiles } from './jobFolder.js';
import { type AnswerInput, answerOffline, type MergeInput, mergeAdapter, trainerCapabilities } from './models.js';
import { answerAsBase, type OwnAnswersInput } from './ownAnswers.js';
import { type ProbeInput, probeTraining } from './probe.js';
import { type StopInput, stopTraining } from './stop.js';
import { type SubmitInput, submitTraining } from './submit.js';
import { type WatchInput, watchTraining } from './watch.js';

export type { TrainingDeps } from './deps.js';
export { modelInfo } from './models.js';
export { requireSpace } from './space.js';

export interface Job {
  handle: JobHandle;
}

export function createTrainingActivities(deps: TrainingDeps) {
  return {
    /** What the trainer can do; a plan that asks for more is refused before anything is submitted. */
    trainerCapabilities: () => beating(deps, trainerCapabilities(deps)),
    /** Starts the job or adopts the one of the same key; resumes one whose trainer is gone. */
    submitTraining: (input: SubmitInput) => submitTraining(deps, input),
    /** Returns at new evaluations, at bad steps and at the end. */
    watchTraining: (input: WatchInput) => watchTraining(deps, input),
    /** Returns when the trainer is gone; a job that does not run is left as it is. */
    stopTraining: (input: StopInput) => stopTraining(deps, input),
    /** The result, checked against the files. */
    collectTraining: (input: Job) => beating(deps, collectTraining(deps.log, input)),
    /** Frees the disk of jobs that nobody goes on from. */
    discardCheckpoints: (input: DiscardInput) => beating(deps, discardCheckpoints(input)),
    /** The last 2 KB of what the trainer printed. */
    trainingLogs: async ({ handle }: Job) => ({ tail: await logTail(jobFiles(toPath(handle.folder)).log) }),
    mergeAdapter: (input: MergeInput) => mergeAdapter(deps, input),
    exportModel: (input: ExportInput) =>
      beating(
        deps,
        exportModel(input, (merge) => mergeAdapter(deps, merge)),
      ),
    answerOffline: (input: AnswerInput) => answerOffline(deps, input),
    /** Figures of the sanity check's probes (R9), taken once. */
    probeTraining: (input: ProbeInput) => probeTraining(deps, input),
    /** What averages of a checkpoint with its base score (R12); trains nothing. */
    measureAverages: (input: AveragesInput) => measureAverages(deps, input),
    /** Generic records with the base model's own answers. */
    answerAsBase: (input: OwnAnswersInput) => answerAsBase(deps, input),
    writeAverage: (input: WriteAverageInput) => writeAverage(deps, input),
  };
}

export type TrainingActivities = ReturnType<typeof createTrainingActivities>;
