/** All facts of a run so far, as the report, the query and the UI's current details show them. */
import { isCancellation, setCurrentDetails } from '@temporalio/workflow';
import type { Overrule, RecordedDecision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import type { DatasetRef } from '../../config/records.js';
import type { Blind, BoostResult, MixTrial, Parity, ReportFacts, TrainingSummary } from '../../config/report.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import { failure, rootOf } from '../failures.js';
import { report } from '../proxies.js';
import { currentDetails } from './currentDetails.js';
import type { RunProgress } from './messages.js';

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
  private readonly facts: ReportFacts;
  private outcome: BoostResult['outcome'] | null = null;
  private reportUri: string | null = null;

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
        type: 'Internal',
        what: 'The recipe is not resolved yet.',
        where: 'boost',
        todo: 'Report this.',
      });
    return this.recipe;
  }

  get waiting(): boolean {
    return this.facts.state === 'waiting';
  }

  get decisions(): readonly RecordedDecision[] {
    return this.facts.decisions;
  }

  progress(): RunProgress {
    const { run, state, verdict, step, question } = this.facts;
    const decisions = this.facts.decisions.map((each) => ({ id: each.id, verdict: each.verdict, reason: each.reason }));
    return { run, state, verdict, step, question, reportUri: this.reportUri, outcome: this.outcome, decisions };
  }

  enter(step: string): void {
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

  /** Marks a decision as overruled; false where it was not taken yet. */
  applyOverrule({ decision, verdict, by, why }: Overrule): boolean {
    const taken = this.facts.decisions.find(({ id }) => id === decision);
    if (!taken) return false;
    const reason = `${by} overruled "${taken.verdict}": ${why}. (${taken.reason})`;
    this.decided({ ...taken, verdict, reason, overruled: { verdict: taken.verdict, by, why } });
    return true;
  }

  ask({ id, verdict, reason, settles }: RecordedDecision, goesOn: string): void {
    const answer = JSON.stringify({ decision: id, verdict: goesOn, by: 'your name', why: 'your reason' });
    this.facts.state = 'waiting';
    this.facts.question = `${id} is ${verdict}. ${reason} ${settles ?? ''} To go on send the update overrule with ${answer}`;
    this.facts.verdict = `Waits for a person: ${id}.`;
    this.show();
  }

  answered(): void {
    this.facts.state = 'running';
    this.facts.question = null;
    this.show();
  }

  close(outcome: BoostResult['outcome'], { reason }: RecordedDecision, waitsForPerson: boolean): BoostResult {
    this.outcome = outcome;
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
    if (this.recipe) await this.render();
  }

  async render(): Promise<void> {
    const recipe = this.knownRecipe();
    this.changed = false;
    this.facts.updatedAt = new Date().toISOString();
    const facts = { ...this.facts, recipe };
    this.reportUri = (await report.renderReport({ folder: recipe.runFolder, facts })).reportUri;
    this.show();
  }

  private show(): void {
    setCurrentDetails(currentDetails(this.facts, this.recipe));
  }
}

function rootMessage(error: unknown): string {
  const root = rootOf(error);
  return root instanceof Error ? root.message : String(root);
}
