/** `anneal-vlm/config`: schemas, types and names of what goes in and comes out. No Node module, no Temporal. */
export { CaptionInput, CaptionResult } from '../config/captioning.js';
export { Overrule, RecordedDecision } from '../config/decisions.js';
export { nonRetryableProblems, Problem, ProblemError, ProblemType, problem } from '../config/problems.js';
export { CaptionProgress, RewriteProgress, RoundProgress, RunProgress } from '../config/progress.js';
export { maximumPayloadBytes, searchAttributes, type TaskQueue, taskQueues } from '../config/queues.js';
export { DatasetRef, TaskRecord } from '../config/records.js';
export { BoostResult, ReportFacts } from '../config/report.js';
export { ResolvedRecipe } from '../config/resolved.js';
export { RetrainInput, RetrainResult } from '../config/retraining.js';
export { RewriteInput, RewriteResult } from '../config/rewriting.js';
export { RecipeSettings } from '../config/settings.js';
export {
  AlignInput,
  AlignResult,
  BuiltData,
  DataStepInput,
  EvaluateInput,
  EvaluateResult,
  MixInput,
  MixResult,
  PromptResult,
  SanityResult,
  StagedInput,
  StagedResult,
  StepInput,
  SweepInput,
  SweepResult,
  TrainRunInput,
  TrainRunResult,
} from '../config/steps.js';
export { BoostInput, type BoostRequest, exampleBoostInput, RecordsEntry, TaskFile } from '../config/task.js';
export { Checkpoint, TrainingEvent, TrainingHeartbeat, TrainingResult, TrainingSpec } from '../config/training.js';
