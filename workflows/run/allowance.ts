import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { MeterReading } from '../../config/budget.js';
import type { TrainRunInput } from '../../config/steps.js';
import type { TrainingProgress } from '../../config/training.js';
import { budgetSignal, meteredSignal } from './messages.js';

/** A training's side of the budget: it asks its run before it trains, and says what it spends. Runs without one ask nobody. */
export class Allowance {
  private readonly input: TrainRunInput;
  private readonly run: string | null;
  private pace: MeterReading['pace'] = { seconds: 0, steps: 0 };
  private stepsLeft = 0;
  /** Of attempts that are over, and since when one runs, by the workflow's clock. */
  private secondsBefore = 0;
  private since: number | null = null;
  private answer: 'train' | 'end' | null = null;
  private pausing = false;
  private wakeWatch: () => void = () => undefined;

  constructor(input: TrainRunInput) {
    this.input = input;
    this.run = input.recipe.settings.budget ? input.reportTo : null;
    setHandler(budgetSignal, (order) => {
      if (order !== 'pause') this.answer = order;
      this.pausing = order === 'pause';
      if (this.pausing) this.wakeWatch();
    });
  }

  /** Waits until the run lets it train; false where a person ended all training. */
  async granted(): Promise<boolean> {
    if (this.run === null) return true;
    this.answer = null;
    await this.tell('asks');
    await condition(() => this.answer !== null);
    return this.answer === 'train';
  }

  /** What a watch returns; where the run asks for a pause meanwhile, `stop` ends the job with a checkpoint. */
  async watching(watch: Promise<TrainingProgress>, stop: () => Promise<void>): Promise<TrainingProgress> {
    if (this.run === null) return watch;
    // Not a condition, which a cancellation would end before the watch has ended the trainer.
    const asked = new Promise<void>((resolve) => {
      this.wakeWatch = resolve;
    });
    if (!this.pausing) await Promise.race([watch, asked]);
    const [progress] = this.pausing ? await Promise.all([watch, stop()]) : [await watch];
    this.read(progress);
    await this.tell('trains');
    return progress;
  }

  private read({ state, step, totalSteps, pace = this.pace }: TrainingProgress): void {
    this.pace = pace;
    this.stepsLeft = Math.max(0, totalSteps - step);
    if (state === 'running' || state === 'unreachable') return;
    // One that went without a word may have been gone for days with its machine: its events say until when it ran.
    const hasSaid = state === 'finished' || state === 'failed';
    this.secondsBefore = hasSaid ? this.seconds() : Math.max(this.secondsBefore, pace.seconds);
    this.since = null;
  }

  private seconds(): number {
    return this.secondsBefore + (this.since === null ? 0 : (Date.now() - this.since) / 1000);
  }

  /** Whether the job was stopped for the budget before its planned end. */
  paused({ state, step, totalSteps }: TrainingProgress): boolean {
    return this.pausing && state === 'finished' && step < totalSteps;
  }

  /** To be called after each submit. */
  trains(): Promise<void> {
    this.since ??= Date.now();
    return this.tell('trains');
  }

  /** The last word, whatever happened; `seconds` by the job's result where there is one. */
  async ended(seconds: number | null): Promise<void> {
    this.secondsBefore = seconds ?? this.seconds();
    this.since = null;
    this.stepsLeft = 0;
    await CancellationScope.nonCancellable(() => this.tell('ended'));
  }

  private async tell(state: MeterReading['state']): Promise<void> {
    if (this.run === null) return;
    const { spec, name, step } = this.input;
    await getExternalWorkflowHandle(this.run).signal(meteredSignal, {
      job: spec.key,
      training: name,
      step,
      workflowId: workflowInfo().workflowId,
      state,
      seconds: this.seconds(),
      pace: this.pace,
      stepsLeft: this.stepsLeft,
      samplesPerStep: spec.batchSize,
    });
  }
}
