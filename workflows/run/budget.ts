/** The run's side of the budget: reads the meters of its trainings, pauses them at a cap, and asks a person. */
import { condition, getExternalWorkflowHandle, isCancellation, upsertSearchAttributes } from '@temporalio/workflow';
import type { BudgetSettings, BudgetStanding, ExtendBudget, MeterReading, StopTraining } from '../../config/budget.js';
import type { Decision, RecordedDecision } from '../../config/decisions.js';
import { answerText } from '../../config/questions.js';
import type { RecipeSettings } from '../../config/settings.js';
import { failure } from '../failures.js';
import { forecastBudget } from '../policies/budget/forecast.js';
import { judgeBudget } from '../policies/budget/judge.js';
import { capNames, capsOf, secondsToCap, spentOf } from '../policies/budget/spending.js';
import type { Book } from './book.js';
import { record } from './decisions.js';
import { type BudgetOrder, budgetSignal } from './messages.js';
import { CostCounter } from './metrics.js';
import { questionUpdate } from './searchAttributes.js';

/** A training's last reading. `pausing`: it was told to stop and has not said that it did. */
interface Meter extends Omit<MeterReading, 'state'> {
  state: MeterReading['state'] | 'pausing';
  /** When the reading came, milliseconds of the workflow's clock. */
  at: number;
}

/** Timers are not set for less, lest a rounded figure make them spin. */
const shortestWaitSeconds = 1;
const longestWaitSeconds = 30 * 24 * 3600;

export class BudgetKeeper {
  /** The decision at which all training was ended; null while there may be more. */
  ended: RecordedDecision | null = null;
  /** Set when nobody answered in time. */
  unanswered = false;
  private settings: BudgetSettings;
  private readonly patience: Pick<RecipeSettings, 'onQuestion' | 'questionHours'>;
  private readonly book: Book;
  private readonly meters = new Map<string, Meter>();
  private readonly cost = new CostCounter();
  private asked: RecordedDecision | null = null;
  private questions = 0;
  private forecast = 'cannotTell';
  private news = false;

  constructor(book: Book, { budget = {}, onQuestion, questionHours }: RecipeSettings) {
    this.book = book;
    this.settings = budget;
    this.patience = { onQuestion, questionHours };
  }

  /** Whether a person is asked about it now. */
  get asks(): boolean {
    return this.asked !== null;
  }

  standing(): BudgetStanding {
    const { prices = {}, ...caps } = this.settings;
    const trainerSeconds = [...this.meters.values()].reduce((sum, meter) => sum + secondsOf(meter), 0);
    const spent = spentOf({ trainerSeconds, wallSeconds: this.book.seconds(), ...this.book.tokensPaidFor() }, prices);
    return { caps, prices: this.settings.prices ?? null, spent };
  }

  /** Takes what a training says of itself. */
  metered(reading: MeterReading): void {
    const before = this.meters.get(reading.job);
    const stopsStill = before?.state === 'pausing' && reading.state === 'trains';
    this.meters.set(reading.job, { ...reading, state: stopsStill ? 'pausing' : reading.state, at: Date.now() });
    this.news = true;
  }

  /** Whatever a step left behind trains no more. */
  stepEnded(): void {
    for (const [job, meter] of this.meters)
      this.meters.set(job, { ...meter, seconds: secondsOf(meter), state: 'ended', stepsLeft: 0 });
    this.news = true;
  }

  /** Goes on as long as the run. A pause is judged anew by what the trainers say then: a machine that slept spent nothing. */
  async keep(): Promise<void> {
    for (;;) {
      this.news = false;
      const { caps, spent, prices } = this.standing();
      this.cost.spent(spent.money);
      const judged = judgeBudget(caps, spent);
      this.foretell();
      this.book.show();
      const running = this.inState('trains');
      const waiting = this.inState('asks');
      if (this.ended) await this.order(waiting, 'end');
      else if (judged.verdict === 'within') await this.order(waiting, 'train');
      else if (running.length > 0) await this.order(running, 'pause');
      else if (waiting.length > 0 && this.inState('pausing').length === 0) await this.ask(judged);
      const wait = secondsToCap(caps, spent, prices ?? {}, running.length + waiting.length);
      const timed = !this.ended && judged.verdict === 'within' && wait < longestWaitSeconds;
      if (timed) await condition(() => this.news, Math.max(wait, shortestWaitSeconds) * 1000);
      else await condition(() => this.news);
    }
  }

  checkExtension(wanted: ExtendBudget): void {
    const { spent, prices } = this.standing();
    const { by, why, ...caps } = wanted;
    const tooLittle = capsOf(caps, spent).filter((each) => each.cap <= each.spent);
    const still = judgeBudget({ ...this.settings, ...caps }, spent);
    const faults = [
      ...(this.ended ? ['All training was ended; there is nothing to extend.'] : []),
      ...(Object.keys(caps).length === 0 ? [`It names no cap; there are ${Object.keys(capNames).join(', ')}.`] : []),
      ...(caps.money !== undefined && prices?.trainerHour === undefined
        ? ['Money is counted by prices, and the run has no budget.prices.trainerHour.']
        : []),
      ...tooLittle.map(({ name, cap, spent: so }) => `${name} ${cap} is not more than the ${figureOf(so)} spent.`),
      ...(tooLittle.length === 0 && still.verdict === 'reached'
        ? [`Another cap is reached still: ${still.reason}`]
        : []),
    ];
    if (faults.length > 0) throw refused('extendBudget', faults.join(' '), JSON.stringify(this.enough()));
  }

  extend({ by, why, ...caps }: ExtendBudget): string {
    this.settings = { ...this.settings, ...caps };
    const told = Object.entries(caps).map(([name, cap]) => `${name} ${cap}`);
    this.answer({ verdict: 'extended', reason: `The caps are now: ${told.join(', ')}.`, evidence: {} }, by, why);
    return `Noted: ${told.join(', ')}.`;
  }

  checkStop(): void {
    if (this.asked) return;
    throw refused(
      'stop',
      'The run does not ask about its budget.',
      '{"decision": "<training>/watchdog", "verdict": "stop"} by the update overrule, to end one training; cancel the run to end it all.',
    );
  }

  stop({ by, why }: StopTraining): string {
    this.ended = this.answer({ verdict: 'ended', reason: 'Nothing more is trained.', evidence: {} }, by, why);
    return 'Noted: nothing more is trained, and the run goes on with what is there.';
  }

  /** Puts a person's word where the question stands, or beside it where none was asked. */
  private answer(decision: Decision<string>, by: string, why: string): RecordedDecision {
    const id = this.asked?.id ?? `budget/${++this.questions}`;
    const { verdict, reason, evidence } = this.asked ?? { ...decision, verdict: 'within', reason: 'It was not asked.' };
    const overruled = { decision: id, verdict: decision.verdict, by, why };
    const answered = record(this.book.step, id, [], { verdict, reason, evidence }, [overruled]);
    const said = { ...answered, reason: `${decision.reason} ${answered.reason}` };
    this.book.decided(said);
    this.asked = null;
    this.news = true;
    return said;
  }

  private async ask(judged: Decision<string>): Promise<void> {
    const { onQuestion, questionHours } = this.patience;
    this.asked = record(this.book.step, `budget/${++this.questions}`, [], judged, []);
    this.book.decided(this.asked);
    if (onQuestion === 'wait' || questionHours > 0) {
      const more = answerText({ update: 'extendBudget', input: { ...this.enough(), ...person } });
      const end = answerText({ update: 'stop', input: person });
      this.showQuestion(true);
      this.book.ask(
        this.asked,
        `To train on from the checkpoint, with new totals, send ${more}; to go on with what is there, ${end}`,
      );
      if (onQuestion === 'wait') await condition(() => this.asked === null);
      else await condition(() => this.asked === null, `${questionHours} hours`);
      this.book.answered();
      this.showQuestion(false);
    }
    // A cap that nobody extends holds, also where other questions are answered by a default.
    if (this.asked) {
      this.unanswered = true;
      this.stop({ by: 'nobody', why: `no answer in ${questionHours} hours` });
    }
  }

  /** Twice what is spent of each cap that is reached, as an example. */
  private enough(): Record<string, number> {
    const { caps, spent } = this.standing();
    const all = capsOf(caps, spent);
    const reached = all.filter((each) => each.spent >= each.cap);
    return Object.fromEntries(
      (reached.length > 0 ? reached : all).map((each) => [each.name, roundUp(2 * Math.max(each.spent, each.cap))]),
    );
  }

  /** Tells when the outlook changes, and not with every figure. */
  private foretell(): void {
    const { caps, spent, prices } = this.standing();
    const readings = [...this.meters.values()];
    const { estimate } = this.book;
    const outlook = forecastBudget({ caps, spent, prices: prices ?? {}, readings, estimate });
    if (this.ended || outlook.verdict === this.forecast) return;
    this.forecast = outlook.verdict;
    this.book.decided(record(this.book.step, 'budget/forecast', [], outlook, []));
  }

  private showQuestion(open: boolean): void {
    if (this.book.knownRecipe().searchAttributes) upsertSearchAttributes(questionUpdate(open));
  }

  private inState(state: Meter['state']): Meter[] {
    return [...this.meters.values()].filter((meter) => meter.state === state);
  }

  private async order(meters: readonly Meter[], order: BudgetOrder): Promise<void> {
    for (const meter of meters) {
      const state = { pause: 'pausing', train: 'trains', end: 'ended' } as const;
      this.meters.set(meter.job, { ...meter, seconds: secondsOf(meter), state: state[order], at: Date.now() });
      // One that has closed meanwhile trains no more, which is all that is wanted.
      await getExternalWorkflowHandle(meter.workflowId)
        .signal(budgetSignal, order)
        .catch((error: unknown) => {
          if (isCancellation(error)) throw error;
          this.meters.set(meter.job, { ...(this.meters.get(meter.job) ?? meter), state: 'ended' });
        });
    }
  }
}

const person = { by: 'your name', why: 'your reason' };

function secondsOf({ state, seconds, at }: Meter): number {
  return state === 'trains' || state === 'pausing' ? seconds + (Date.now() - at) / 1000 : seconds;
}

/** Two significant digits, never below the figure. */
function roundUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit) * unit).toPrecision(2));
}

function figureOf(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function refused(update: string, what: string, example: string) {
  return failure({ type: 'InvalidInput', what, where: `update ${update}`, todo: `Send, for example, ${example}` });
}
