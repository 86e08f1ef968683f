/** All facts of a run so far, as the report, the query and the UI's current details show them. */
import { isCancellation, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { BudgetStanding, Estimate } from '../../config/budget.js';
import type { Overrule, RecordedDecision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import type { RunProgress } from '../../config/progress.js';
import type { DatasetRef } from '../../config/records.js';
import type { Blind, BoostResult, MixTrial, Parity, ReportFacts, TrainingSummary } from '../../config/report.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import { RecipeSettings } from '../../config/settings.js';
import { failure, rootOf } from '../failures.js';
import { estimate } from '../policies/budget/estimate.js';
import { report } from '../proxies.js';
import { currentDetails } from './currentDetails.js';
import { decisionIds, isDecisionId, nearestDecisionId } from './decisionIds.js';
import { countClosed } from './metrics.js';

/** What a step's result may hold for the report. */
interface StepResult {
  business?: Evaluation | DatasetRef;
  generic?: Evaluation | DatasetRef | null;
  formats?: Evaluation | null;
  blind?: Blind | null;
  parity?: Parity;
  model?: string;
  mix?: MixTrial[];
}

export class Book {
  recipe: ResolvedRecipe | null = null;
  /** Set when a decision or a training came in that no report shows yet. */
  changed = false;
  /** How the run stands to its budget; null where it has none. */
  standing: (() => BudgetStanding) | null = null;
  private readonly facts: ReportFacts;
  private outcome: BoostResult['outcome'] | null = null;
  private reportUri: string | null = null;
  /** The event of the history at which each step began: a reset to it does the step again, and those after it. */
  private readonly began = new Map<string, number>();
  private waitedSeconds = 0;
  private waitsSince: number | null = null;

  constructor(run: string, workflowId: string) {
    const now = new Date().toISOString();
    this.facts = {
      schema: 'anneal.report/1',
      run,
      workflowId,
      state: 'running',
      verdict: 'The recipe is being resolved.',
      step: 'resolveRecipe',
      startedAt: now,
      updatedAt: now,
      recipe: null,
      decisions: [],
      question: null,
      business: null,
      generic: null,
      trainings: [],
      before: { business: null, generic: null },
      after: { business: null, generic: null },
      parity: null,
      testReads: [],
      result: null,
      steps: [],
      failure: null,
    };
  }

  knownRecipe(): ResolvedRecipe {
    if (!this.recipe)
      throw failure({
        type: 'InvalidInput',
        what: 'The recipe is not resolved yet.',
        where: 'boost',
        todo: 'Try again in a moment.',
      });
    return this.recipe;
  }

  get waiting(): boolean {
    return this.facts.state === 'waiting';
  }

  get decisions(): readonly RecordedDecision[] {
    return this.facts.decisions;
  }

  get step(): string {
    return this.facts.step;
  }

  get estimate(): Estimate | null {
    return this.facts.estimate ?? null;
  }

  /** Since the run began, without what it waited for a person. */
  seconds(): number {
    const now = Date.now();
    const waits = this.waitsSince === null ? 0 : (now - this.waitsSince) / 1000;
    return (now - Date.parse(this.facts.startedAt)) / 1000 - this.waitedSeconds - waits;
  }

  /** Of the task's own endpoint; a model server of ours answers for nothing. */
  tokensPaidFor(): { promptTokens: number; answerTokens: number } {
    const { business, generic } = this.facts.before;
    const paid = this.recipe?.endpoint ? [business, generic].filter((each) => each !== null) : [];
    return {
      promptTokens: paid.reduce((sum, each) => sum + each.promptTokens, 0),
      answerTokens: paid.reduce((sum, each) => sum + each.completionTokens, 0),
    };
  }

  progress(): RunProgress {
    const { run, state, verdict, step, question } = this.facts;
    const decisions = this.facts.decisions.map((each) => ({ id: each.id, verdict: each.verdict, reason: each.reason }));
    const budget = this.standing?.() ?? null;
    return { run, state, verdict, step, question, reportUri: this.reportUri, outcome: this.outcome, decisions, budget };
  }

  enter(step: string): void {
    // The length is told as of the start of this workflow task; its completion is the event after.
    this.began.set(step, workflowInfo().historyLength + 1);
    this.facts.step = step;
    this.facts.verdict = `Running: ${step}.`;
    this.show();
  }

  /** Takes what a finished step has for the report. */
  leave(step: string, seconds: number, result: unknown): void {
    this.facts.steps = [...this.facts.steps, { name: step, seconds }];
    const { business, generic, formats, blind, parity, model, mix } = result as StepResult;
    if (step === 'buildDataset') {
      this.facts.business = (business as DatasetRef | undefined) ?? null;
      this.facts.generic = (generic as DatasetRef | null | undefined) ?? null;
      this.estimateFrom(this.facts.business);
    }
    // A step that is followed again takes the place of what it, and the steps after it, had shown.
    if (step === 'mixGeneric') this.facts.mix = mix;
    if (step === 'trainStaged' && mix) this.facts.mix = [...(this.facts.mix ?? []), ...mix];
    const when = step === 'promptFirst' ? 'before' : step === 'evaluate' ? 'after' : undefined;
    if (when) {
      this.facts[when] = { business: business as Evaluation, generic: generic as Evaluation | null };
      this.facts.testReads = [...this.facts.testReads, step];
    }
    if (step === 'evaluate') {
      this.facts.formats = formats ?? null;
      this.facts.blind = blind ?? null;
      this.facts.parity = parity ?? null;
      this.facts.result = { kind: 'model', modelUri: model ?? null, endpointModel: null };
    }
    this.show();
  }

  /** Before anything is trained or asked, so that it can't learn from what came. */
  private estimateFrom(business: DatasetRef | null): void {
    if (business === null) return;
    const { read, bySplit } = business;
    // A recipe that an earlier version resolved lacks the settings made since.
    const settings = RecipeSettings.safeParse(this.knownRecipe().settings).data;
    const counts = { rows: read, train: bySplit.train, test: bySplit.test };
    if (settings) this.facts.estimate = estimate({ ...this.knownRecipe(), settings }, counts);
  }

  decided(decision: RecordedDecision): void {
    const others = this.facts.decisions.filter(({ id }) => id !== decision.id);
    this.facts.decisions = [...others, decision];
    this.changed = true;
    this.show();
  }

  trained(summary: TrainingSummary): void {
    this.facts.trainings = [...this.facts.trainings.filter(({ name }) => name !== summary.name), summary];
    this.changed = true;
    this.show();
  }

  /** The step that a decision belongs to; before it is taken, by the form of its id. */
  stepOf(decision: string): string {
    return this.facts.decisions.find(({ id }) => id === decision)?.step ?? decision.split('/')[0] ?? decision;
  }

  checkOverrule(overrule: Overrule): void {
    if (overrule.decision.startsWith('budget/'))
      throw failure({
        type: 'InvalidInput',
        what: `${overrule.decision} is no verdict of the recipe.`,
        where: 'update overrule',
        todo: 'Send the update extendBudget, or stop where the run asks about its budget.',
      });
    if (!isDecisionId(overrule.decision) && this.facts.decisions.every(({ id }) => id !== overrule.decision))
      throw noSuchDecision(overrule.decision);
    if (overrule.decision === 'sweep') this.checkSweep(overrule.verdict);
    const known = this.facts.decisions.find(({ id }) => id === overrule.decision);
    const ended =
      overrule.decision.endsWith('/watchdog') &&
      this.facts.trainings.some(({ name }) => overrule.decision === `${name}/watchdog`);
    if (this.outcome === null && !ended && known?.verdict !== overrule.verdict) return;
    throw failure({
      type: 'InvalidInput',
      what: ended
        ? `The training behind ${overrule.decision} has ended.`
        : `${overrule.decision} is ${overrule.verdict} already, or the run is closed.`,
      where: 'update overrule',
      todo: `Decisions so far: ${this.facts.decisions.map(({ id, verdict }) => `${id}=${verdict}`).join(', ')}.`,
    });
  }

  private checkSweep(verdict: string): void {
    const isRate = Number(verdict) > 0 && Number.isFinite(Number(verdict));
    // Said before the recipe is there, or of one that an earlier version resolved: by rates alone.
    const namesTrials = (this.recipe?.settings.sweep.trials ?? 0) > 0;
    if (isRate || (namesTrials && /^trial-\d+$/.test(verdict))) return;
    throw failure({
      type: 'InvalidInput',
      what: `"${verdict}" is no learning rate.`,
      where: 'update overrule',
      todo: `Send a number above 0, such as 0.0002${namesTrials ? ', or the name of a trial, such as trial-3' : ''}.`,
    });
  }

  /** Marks a decision as overruled; false where it was not taken yet. */
  applyOverrule({ decision, verdict, by, why }: Overrule): boolean {
    const taken = this.facts.decisions.find(({ id }) => id === decision);
    if (!taken) return false;
    const reason = `${by} overruled "${taken.verdict}": ${why}. (${taken.reason})`;
    this.decided({ ...taken, verdict, reason, overruled: { verdict: taken.verdict, by, why } });
    return true;
  }

  /** `answer` says what to send. */
  ask({ id, verdict, reason, settles }: RecordedDecision, answer: string): void {
    this.waitsSince = Date.now();
    this.facts.state = 'waiting';
    this.facts.question = `${id} is ${verdict}. ${reason} ${settles ?? ''} ${answer}`;
    this.facts.verdict = `Waits for a person: ${id}.`;
    this.show();
  }

  answered(): void {
    this.waitedSeconds += (Date.now() - (this.waitsSince ?? Date.now())) / 1000;
    this.waitsSince = null;
    this.facts.state = 'running';
    this.facts.question = null;
    this.show();
  }

  close(outcome: BoostResult['outcome'], { reason }: RecordedDecision, waitsForPerson: boolean): BoostResult {
    this.outcome = outcome;
    this.facts.question = null;
    this.facts.state = outcome === 'notSolved' ? 'notSolved' : 'done';
    const opening = {
      promptEnough: 'A prompt is enough',
      tuned: 'The tuned model solves the task',
      notSolved: 'Not solved',
    };
    this.facts.verdict = `${opening[outcome]}: ${reason}`;
    if (outcome === 'promptEnough')
      this.facts.result = { kind: 'prompt', modelUri: this.knownRecipe().model.uri, endpointModel: null };
    this.show();
    countClosed(outcome);
    const { runFolder, run } = this.knownRecipe();
    const modelUri = this.facts.result?.kind === 'model' ? this.facts.result.modelUri : null;
    return {
      run,
      outcome,
      verdict: this.facts.verdict,
      reportUri: `${runFolder}/report.html`,
      modelUri,
      waitsForPerson,
    };
  }

  /** The last report of a run that was cancelled or failed; without a recipe there is no folder to write it to. */
  async closeFailed(error: unknown): Promise<void> {
    const cancelled = isCancellation(error);
    this.facts.state = cancelled ? 'cancelled' : 'failed';
    this.facts.failure = cancelled ? null : rootMessage(error);
    this.facts.verdict = cancelled ? 'Cancelled by a person.' : `Failed: ${rootMessage(error).split('\n')[0]}`;
    this.show();
    countClosed(this.facts.state);
    if (this.recipe) await this.render();
  }

  async render(): Promise<void> {
    const recipe = this.knownRecipe();
    this.changed = false;
    this.facts.updatedAt = new Date().toISOString();
    const facts = { ...this.factsNow(), recipe };
    this.reportUri = (await report.renderReport({ folder: recipe.runFolder, facts })).reportUri;
    this.show();
  }

  /** Brings the UI's current details up to date. */
  show(): void {
    setCurrentDetails(currentDetails(this.factsNow(), { recipe: this.recipe, began: this.began }));
  }

  private factsNow(): ReportFacts {
    return this.standing ? { ...this.facts, budget: this.standing() } : this.facts;
  }
}

function rootMessage(error: unknown): string {
  const root = rootOf(error);
  return root instanceof Error ? root.message : String(root);
}

function noSuchDecision(id: string): Error {
  const near = nearestDecisionId(id);
  return failure({
    type: 'InvalidInput',
    what: `A run does not decide "${id}".${near ? ` Did you mean "${near}"?` : ''}`,
    where: 'update overrule',
    todo: `It decides ${decisionIds.join(', ')}.`,
  });
}
