/** A run's book-keeping: steps as children, decisions, questions, overruling, and the report. Knows no rule. */
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Overrule, RecordedDecision } from '../../config/decisions.js';
import { answerText } from '../../config/questions.js';
import type { BoostResult } from '../../config/report.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import type { RecipeSettings } from '../../config/settings.js';
import type { StepInput } from '../../config/steps.js';
import { BoostInput, exampleBoostInput } from '../../config/task.js';
import { asksAboutFaults, considersPreferences, goesBackWhileAsking } from '../changes.js';
import { isProblem, parseInput, rethrowRoot } from '../failures.js';
import { quick } from '../proxies.js';
import { Book } from './book.js';
import { BudgetKeeper } from './budget.js';
import { runChild, unlessCancelled } from './child.js';
import { answerMessages } from './handlers.js';
import { overruledSignal } from './messages.js';
import { ownRunName } from './runName.js';
import { searchAttributeUpdates } from './searchAttributes.js';

/** Checks the input, fixes the recipe, and begins to answer queries and updates. */
export async function openRun(raw: unknown): Promise<Run> {
  const { workflowId } = workflowInfo();
  const run = ownRunName();
  const book = new Book(run, workflowId);
  const opened = new Run(book);
  answerMessages(book, opened);
  const input = parseInput(BoostInput, raw, exampleBoostInput);
  book.recipe = await quick.resolveRecipe({ input, run }).catch(rethrowRoot);
  opened.keepBudget();
  return opened;
}

/** A step workflow: takes a StepInput with its own additions. */
type StepWorkflow<Extra, Result> = (input: StepInput & Extra & Again<Result>) => Promise<Result>;

interface Again<Result> {
  /** What the step came to before a person overruled its own last decision, where nothing else has changed since. */
  before?: Result;
}

/** Whether a person can say more than the figures did: where they leave it open, and where they name a fault (R9). */
function isQuestion({ verdict }: RecordedDecision): boolean {
  if (verdict === 'askPerson' || verdict === 'cannotTell') return true;
  const isFault = /^(data|framework):/.test(verdict) || verdict === 'moreEpochs' || verdict === 'cannotRepeat';
  return isFault && asksAboutFaults();
}

export class Run {
  private readonly overrules: Overrule[] = [];
  private readonly finished = new Map<string, unknown>();
  /** The same by all but the overrulings of the step's own last decision. */
  private readonly decided = new Map<string, unknown>();
  private running: { child: string; scope: CancellationScope } | undefined;
  private restart = false;
  /** The decision that a person is asked about now. */
  private asked: string | undefined;
  /** Set when a question was closed by nobody's answer. */
  private unanswered = false;
  /** null where the run has no budget. */
  budget: BudgetKeeper | null = null;

  private readonly book: Book;
  constructor(book: Book) {
    this.book = book;
  }

  private get recipe(): ResolvedRecipe {
    return this.book.knownRecipe();
  }

  /** Meters the trainings from now on, where the recipe sets a budget. */
  keepBudget(): void {
    const { settings } = this.recipe;
    if (!settings.budget) return;
    const budget = new BudgetKeeper(this.book, settings);
    this.budget = budget;
    this.book.standing = () => budget.standing();
    void budget.keep().catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  }

  /** Follows the recipe; when a decision that was already acted upon is overruled, again from there: steps that stand are not repeated. */
  async follow(body: () => Promise<BoostResult>): Promise<BoostResult> {
    try {
      for (;;) {
        this.restart = false;
        const scope = new CancellationScope();
        try {
          return await scope.run(() => this.inScope(scope, body));
        } catch (error) {
          if (this.budget?.ended && isProblem(error, 'BudgetSpent'))
            return await this.close('notSolved', this.budget.ended);
          if (!(this.restart && isCancellation(error))) throw error;
        }
      }
    } catch (error) {
      await CancellationScope.nonCancellable(() => this.book.closeFailed(error));
      return rethrowRoot(error);
    }
  }

  private async inScope(scope: CancellationScope, body: () => Promise<BoostResult>): Promise<BoostResult> {
    this.running = { child: '', scope };
    return body();
  }

  /** Runs a step as a child workflow; one that finished with the same input is not run again. */
  async step<Extra extends object, Result>(workflow: StepWorkflow<Extra, Result>, extra: Extra): Promise<Result> {
    const name = workflow.name;
    const overrules = this.overrules.filter(({ decision }) => this.book.stepOf(decision) === name);
    const memo = JSON.stringify([name, extra, overrules]);
    if (this.finished.has(memo)) return this.finished.get(memo) as Result;
    const but = JSON.stringify([name, extra, overrules.filter(({ decision }) => decision !== name)]);
    const before = this.decided.get(but) as Result | undefined;
    await this.enter(name);
    const { workflowId } = workflowInfo();
    const child = `${workflowId}.${name}`;
    if (this.running) this.running.child = child;
    const started = Date.now();
    const given = { recipe: this.recipe, overrules: this.overrules, reportTo: workflowId };
    const input: StepInput & Extra & Again<Result> = {
      ...extra,
      ...given,
      ...(before === undefined ? {} : { before }),
    };
    const staticSummary = `step ${name} of ${workflowId}`;
    const work = runChild(workflow, { args: [input], workflowId: child, staticSummary });
    const result = await this.renderingMeanwhile(work).finally(() => this.budget?.stepEnded());
    if (this.running) this.running.child = '';
    this.finished.set(memo, result);
    this.decided.set(but, result);
    this.book.leave(name, (Date.now() - started) / 1000, result);
    await this.book.render();
    return result;
  }

  /** Renders the report anew whenever a decision or a training comes in, until `work` settles. */
  private async renderingMeanwhile<Result>(work: Promise<Result>): Promise<Result> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    work.then(settle, settle);
    await CancellationScope.nonCancellable(async () => {
      for (;;) {
        await condition(() => settled || this.book.changed);
        if (settled) return;
        await this.book.render();
      }
    });
    return work;
  }

  private async enter(name: string): Promise<void> {
    this.book.enter(name);
    if (this.recipe.searchAttributes) upsertSearchAttributes(searchAttributeUpdates(this.recipe, name));
    await this.book.render();
  }

  /**
   * Whether the run should close here. A person is asked where the figures leave it open or name a fault; when nobody
   * answers, `wait` waits, `stop` closes and `default` goes on.
   */
  async asks(decision: RecordedDecision, goesOn: string): Promise<boolean> {
    if (decision.verdict === goesOn) return false;
    if (!isQuestion(decision)) return true;
    const { onQuestion, questionHours } = this.recipe.settings;
    const before = this.overrules.length;
    const answer = () => this.overrules.slice(before).findLast((each) => each.decision === decision.id);
    if (onQuestion === 'wait' || questionHours > 0) {
      const wanted = { decision: decision.id, verdict: goesOn, by: 'your name', why: 'your reason' };
      this.book.ask(decision, `To go on send ${answerText({ update: 'overrule', input: wanted })}`);
      await this.book.render();
      this.asked = decision.id;
      try {
        if (onQuestion === 'wait') await condition(() => answer() !== undefined);
        else await condition(() => answer() !== undefined, `${questionHours} hours`);
      } finally {
        this.asked = undefined;
        this.book.answered();
      }
    }
    const given = answer();
    if (given) return given.verdict !== goesOn;
    this.unanswered = onQuestion !== 'default';
    return this.unanswered;
  }

  /** Takes a person's verdict: passes it to the running step, and goes back where the decision was already acted upon. */
  async overrule(overrule: Overrule): Promise<string> {
    this.overrules.push(overrule);
    const taken = this.book.applyOverrule(overrule);
    const running = this.running;
    const watchdogOfNow = overrule.decision.endsWith('/watchdog');
    if (running?.child && (watchdogOfNow || !taken)) {
      await getExternalWorkflowHandle(running.child).signal(overruledSignal, overrule).catch(unlessCancelled);
      return `Noted: ${overrule.decision} will be ${overrule.verdict}.`;
    }
    const asks = this.book.waiting && !this.budget?.asks;
    const isAnswer = asks && (overrule.decision === this.asked || !goesBackWhileAsking());
    if (taken && running && !isAnswer) {
      this.restart = true;
      running.scope.cancel();
      return `The run goes back to ${overrule.decision} and on from ${overrule.verdict}.`;
    }
    return `Noted: ${overrule.decision} is ${overrule.verdict}.`;
  }

  /** Whether preferences are considered at all (R3), which they are not where all training was ended; runs that began before the step was there go on without it. */
  aligns(): boolean {
    // The recipe of a run that began before there was such a setting has none.
    const { align } = this.recipe.settings as Partial<RecipeSettings>;
    return align !== undefined && align.when !== 'off' && considersPreferences() && !this.budget?.ended;
  }

  /** Ends the run with its verdict, after the last report is written. */
  async close(outcome: BoostResult['outcome'], decision: RecordedDecision): Promise<BoostResult> {
    const result = this.book.close(outcome, decision, this.unanswered || this.budget?.unanswered === true);
    if (this.recipe.searchAttributes) upsertSearchAttributes(searchAttributeUpdates(this.recipe, 'closed', outcome));
    await this.book.render();
    return result;
  }
}
