import { z } from 'zod';

/** Failure types: what Temporal's retry policies and our exit codes are decided by. */
export const ProblemType = z.enum([
  'InvalidInput', // the task, the run's input or the command line
  'DatasetInvalid', // records or images
  'ModelInvalid', // a base model that isn't one
  'EndpointRefused', // wrong key, wrong model, quota used up: a person must act
  'EndpointUnavailable', // still failing after the limiter's own retries; Temporal tries again
  'PlanRefused', // the plan asks for what the trainer can't do
  'BudgetSpent', // nothing more is trained, and nothing is there yet: the run closes as not solved
  'TrainingFailed', // the trainer's own word: out of memory, diverged, data
  'ServingFailed', // the model server would not become healthy
  'NoSpace', // disk
  'FileRefused', // the system refuses a file: rights, a disk that can only be read, a name that is too long
  'StorageUnavailable', // the store of ANNEAL_STORE can't be reached or refuses; Temporal tries again
  'StorageDamaged', // a stored file is not what was put
  'PortTaken',
  'PayloadTooLarge',
  'EngineUnavailable', // Temporal can't be reached
  'SetUpFailed', // what Anneal needs on this machine could not be installed
  'Internal',
]);
export type ProblemType = z.infer<typeof ProblemType>;

/** An error for a person: what is wrong, where it is, and what to do. At most 2 KB in all (Temporal strips more). */
export const Problem = z.strictObject({
  type: ProblemType,
  what: z.string(),
  where: z.string(),
  todo: z.string(),
});
export type Problem = z.infer<typeof Problem>;

/** Types that another attempt can't mend. */
export const nonRetryableProblems: readonly ProblemType[] = [
  'InvalidInput',
  'DatasetInvalid',
  'ModelInvalid',
  'EndpointRefused',
  'PlanRefused',
  'TrainingFailed',
  'NoSpace',
  'FileRefused',
  'StorageDamaged',
  'PayloadTooLarge',
];

/** Exit codes of every command. */
export const exitCodes = { done: 0, notSolved: 1, yourInput: 2, fault: 3, waitsForPerson: 4, cancelled: 5 } as const;

/** The exit code that a problem ends a command with: the user's input is 2, everything else 3. */
export function exitCodeOf(type: ProblemType): number {
  const yours: ProblemType[] = ['InvalidInput', 'DatasetInvalid', 'ModelInvalid', 'EndpointRefused', 'PlanRefused'];
  return yours.includes(type) ? exitCodes.yourInput : exitCodes.fault;
}

/** The one form in which a problem is shown. */
export function describeProblem({ what, where, todo }: Omit<Problem, 'type'>): string {
  return `${what}\n  where: ${where}\n  do:    ${todo}`;
}

/** Thrown wherever input or the world is at fault; the workers turn it into Temporal's ApplicationFailure, the CLI prints it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(describeProblem(problem), options);
    this.problem = problem;
  }
}

/** Makes the error for `throw problem('DatasetInvalid', { what, where, todo })`. */
export function problem(type: ProblemType, says: Omit<Problem, 'type'>, options?: ErrorOptions): ProblemError {
  return new ProblemError({ type, ...says }, options);
}
