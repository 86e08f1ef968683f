/** What a step workflow has beside its recipe: it decides, tells its run, and heeds a person's overruling. */
import { getExternalWorkflowHandle, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Decision, Overrule, RecordedDecision } from '../../config/decisions.js';
import type { TrainingSummary } from '../../config/report.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import type { Endpoint } from '../../config/serving.js';
import type { StepInput, TrainRunInput, TrainRunResult } from '../../config/steps.js';
import { trainRun } from '../trainRun.js';
import { runChild, unlessCancelled } from './child.js';
import { record, tellRun } from './decisions.js';
import { overruledSignal, trainedSignal } from './messages.js';
import { servingMeanwhile } from './serving.js';
import { budgetSpent } from './trained.js';

export class Step {
  readonly name: string;
  readonly recipe: ResolvedRecipe;
  private readonly overrules: Overrule[];
  private readonly reportTo: string | null;
  private readonly trainings = new Set<string>();

  constructor(name: string, { recipe, overrules, reportTo }: StepInput) {
    this.name = name;
    this.recipe = recipe;
    this.overrules = [...overrules];
    this.reportTo = reportTo;
    setHandler(
      overruledSignal,
      async (overrule) => {
        this.overrules.push(overrule);
        const tell = (training: string) =>
          getExternalWorkflowHandle(training).signal(overruledSignal, overrule).catch(unlessCancelled);
        await Promise.all([...this.trainings].map(tell));
      },
      { description: 'From the run: a person overruled a decision. Use the update overrule of the run instead.' },
    );
  }

  /** Records a decision, with the person's verdict in place of ours where there is one; returns what holds. */
  async decide<Verdict extends string>(
    id: string,
    rules: string[],
    decision: Decision<Verdict>,
  ): Promise<RecordedDecision> {
    const recorded = record(this.name, id, rules, decision, this.overrules);
    await tellRun(this.reportTo, recorded);
    return recorded;
  }

  /** The verdict that a person gave for a decision, before or after it was taken. */
  overruled(id: string): string | undefined {
    return this.overrules.findLast(({ decision }) => decision === id)?.verdict;
  }

  /**
   * Trains by the contract; the same name in the same run is the same job. `shown` is what the run is told of it. Throws
   * `BudgetSpent` where all training was ended, unless the step takes what there is.
   */
  async train(
    { takesPart = false, ...input }: Omit<TrainRunInput, keyof StepInput | 'step'> & { takesPart?: boolean },
    shown: (result: TrainRunResult) => TrainingSummary = ({ summary }) => summary,
  ): Promise<TrainRunResult> {
    const workflowId = `${workflowInfo().workflowId}.${input.name.replaceAll('/', '.')}`;
    this.trainings.add(workflowId);
    try {
      const result = await runChild(trainRun, {
        args: [{ ...input, recipe: this.recipe, overrules: this.overrules, reportTo: this.reportTo, step: this.name }],
        workflowId,
        staticSummary: `training ${input.name}`,
      });
      if (result.checkpoints.length > 0 || !result.outOfBudget) await this.tellTraining(shown(result));
      if (result.outOfBudget && !takesPart) throw budgetSpent(result);
      return result;
    } finally {
      this.trainings.delete(workflowId);
    }
  }

  /** Tells the run how a training stands. */
  async tellTraining(summary: TrainingSummary): Promise<void> {
    if (this.reportTo) await getExternalWorkflowHandle(this.reportTo).signal(trainedSignal, summary);
  }

  /** Serves a model while `use` runs; begins `use` again with a server that was served anew. */
  serving<Result>(model: string, use: (endpoint: Endpoint) => Promise<Result>): Promise<Result> {
    const { run, runFolder } = this.recipe;
    return servingMeanwhile({ key: `${run}/${this.name}`, folder: `${runFolder}/serving/${this.name}`, model }, use);
  }
}
