/** What a step workflow has beside its recipe: it decides, tells its run, and heeds a person's overruling. */
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  executeChild,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Decision, Overrule, RecordedDecision } from '../../config/decisions.js';
import type { TrainingSummary } from '../../config/report.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import type { Endpoint } from '../../config/serving.js';
import { gpu } from '../proxies.js';
import { type TrainRunInput, type TrainRunResult, trainRun } from '../trainRun.js';
import { decidedSignal, overruledSignal, trainedSignal } from './messages.js';

/** What every step is given; `overrules` are those that a person has made so far. */
export interface StepInput {
  recipe: ResolvedRecipe;
  overrules: Overrule[];
  /** The run that decisions and trainings are told to; null where a step was started alone. */
  reportTo: string | null;
}

export class Step {
  readonly name: string;
  readonly recipe: ResolvedRecipe;
  private readonly overrules: Overrule[];
  private readonly reportTo: string | null;
  private training: string | undefined;

  constructor(name: string, { recipe, overrules, reportTo }: StepInput) {
    this.name = name;
    this.recipe = recipe;
    this.overrules = [...overrules];
    this.reportTo = reportTo;
    setHandler(
      overruledSignal,
      async (overrule) => {
        this.overrules.push(overrule);
        if (this.training) await getExternalWorkflowHandle(this.training).signal(overruledSignal, overrule);
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

  /** Trains by the contract; the same name in the same run is the same job. */
  async train(input: Omit<TrainRunInput, keyof StepInput | 'step'>): Promise<TrainRunResult> {
    const workflowId = `${workflowInfo().workflowId}.${input.name.replaceAll('/', '.')}`;
    this.training = workflowId;
    try {
      const result = await executeChild(trainRun, {
        args: [{ ...input, recipe: this.recipe, overrules: this.overrules, reportTo: this.reportTo, step: this.name }],
        workflowId,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: `training ${input.name}`,
      });
      await this.tellTraining(result.summary);
      return result;
    } finally {
      this.training = undefined;
    }
  }

  /** Tells the run how a training stands. */
  async tellTraining(summary: TrainingSummary): Promise<void> {
    if (this.reportTo) await getExternalWorkflowHandle(this.reportTo).signal(trainedSignal, summary);
  }

  /** Serves a model while `use` runs, and stops the server whatever happens. */
  async serving<Result>(model: string, use: (endpoint: Endpoint) => Promise<Result>): Promise<Result> {
    const server = { key: `${this.recipe.run}/${this.name}`, folder: `${this.recipe.runFolder}/serving/${this.name}` };
    try {
      return await use(await gpu.startServing({ ...server, model }));
    } finally {
      await CancellationScope.nonCancellable(() => gpu.stopServing(server));
    }
  }
}

/** The record of a decision; the last overruling of its id holds. Shared by steps, trainings and the run itself. */
export function record(
  step: string,
  id: string,
  rules: string[],
  decision: Decision<string>,
  overrules: readonly Overrule[],
): RecordedDecision {
  const overrule = overrules.findLast((each) => each.decision === id);
  const { verdict, reason, evidence, settles } = decision;
  return {
    id,
    step,
    rules,
    verdict: overrule?.verdict ?? verdict,
    reason: overrule ? `${overrule.by} overruled "${verdict}": ${overrule.why}. (${reason})` : reason,
    evidence,
    settles: settles ?? null,
    overruled: overrule ? { verdict, by: overrule.by, why: overrule.why } : null,
    at: new Date().toISOString(),
  };
}

/** Tells the run of a decision. */
export async function tellRun(reportTo: string | null, decision: RecordedDecision): Promise<void> {
  if (reportTo) await getExternalWorkflowHandle(reportTo).signal(decidedSignal, decision);
}
