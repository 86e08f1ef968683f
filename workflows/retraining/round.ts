/** A round's book-keeping: data, child workflows, decisions, a person's approval, the history, the webhook. Knows no rule. */
import { CancellationScope, isCancellation, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Standing } from '../../activities/champions/index.js';
import type { NewRecords } from '../../activities/data/news/newRecords.js';
import type { Decision, RecordedDecision } from '../../config/decisions.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import {
  type Champion,
  type ChampionEntry,
  exampleRetrainInput,
  RetrainInput,
  type RetrainResult,
  type RetrainSettings,
} from '../../config/retraining.js';
import type { Datasets } from '../../config/steps.js';
import { boost } from '../boost.js';
import { buildDataset } from '../buildDataset.js';
import { failure, parseInput, rethrowRoot, rootOf } from '../failures.js';
import { data as dataActivities, quick, webhook } from '../proxies.js';
import { runChild } from '../run/child.js';
import { record } from '../run/decisions.js';
import { ownRunName } from '../run/runName.js';
import { searchAttributeUpdates } from '../run/searchAttributes.js';
import { Approving } from './approval.js';
import { RoundBook } from './book.js';
import { answerMessages } from './handlers.js';
import { Overruling } from './overruling.js';

/** Checks the input, fixes recipe and standing, and begins to answer queries and updates. */
export async function openRound(raw: unknown): Promise<Round> {
  const run = ownRunName();
  const book = new RoundBook(run);
  const person = { overruling: new Overruling(book), approving: new Approving(book) };
  answerMessages(book, person);
  try {
    const input = parseInput(RetrainInput, raw, exampleRetrainInput);
    if (input.retrain.webhook) await webhook.checkWebhook(input.retrain.webhook);
    const standing = await quick.standingOfTask({ task: input.task });
    book.standing = standing;
    const recipe = await quick.resolveRecipe({ input: boostInput(input, standing.last?.keptSplitsOf ?? null), run });
    return new Round(book, { input, standing, recipe, ...person });
  } catch (error) {
    book.closeFailed(error);
    return rethrowRoot(error);
  }
}

function boostInput({ retrain: _, ...input }: RetrainInput, keepSplitsOf: string | null) {
  return keepSplitsOf === null ? input : { ...input, keepSplitsOf };
}

interface Opened {
  input: RetrainInput;
  standing: Standing;
  recipe: ResolvedRecipe;
  overruling: Overruling;
  approving: Approving;
}

export interface Trained {
  /** null where the recipe closed without a model. */
  challenger: Champion | null;
  solved: boolean;
  verdict: string;
}

/** How a round ends, as far as the history wants to know. */
export interface Closing {
  verdict: Exclude<ChampionEntry['verdict'], 'rolledBack'>;
  reason: string;
  challenger?: Champion;
  contest?: boolean;
  anchorScores?: { champion: number; challenger: number };
}

export class Round {
  readonly standing: Standing;
  readonly recipe: ResolvedRecipe;
  readonly settings: RetrainSettings;
  private readonly input: RetrainInput;
  private readonly book: RoundBook;
  private readonly overruling: Overruling;
  private readonly approving: Approving;
  /** What was found out, by step: a round that goes back does not repeat it. */
  private readonly found = new Map<string, unknown>();
  private built: Datasets | null = null;
  private keptSplitsOf: string | null;

  constructor(book: RoundBook, { input, standing, recipe, overruling, approving }: Opened) {
    this.book = book;
    this.input = input;
    this.standing = standing;
    this.recipe = recipe;
    this.settings = input.retrain;
    this.overruling = overruling;
    this.approving = approving;
    this.keptSplitsOf = standing.last?.keptSplitsOf ?? null;
  }

  /** Plays the round; a failure is told to the webhook, and leaves the champion where it is. */
  async follow(body: () => Promise<RetrainResult>): Promise<RetrainResult> {
    try {
      return await this.overruling.follow(body);
    } catch (error) {
      this.book.closeFailed(error);
      if (!isCancellation(error)) await this.notify('failed', String((rootOf(error) as Error).message ?? error));
      return rethrowRoot(error);
    }
  }

  /** The data as it is now; null where it is what it was at the last round. Records of the frozen test stay in the test. */
  async buildData(): Promise<Datasets | null> {
    this.enter('buildDataset');
    const { last, anchor } = this.standing;
    const same = await this.build();
    if (last?.dataset.digest === same.business.digest) return null;
    if (anchor === null || this.keptSplitsOf === anchor.uri) return this.keep(same);
    this.keptSplitsOf = anchor.uri;
    return this.keep(await this.build());
  }

  private keep(data: Datasets): Datasets {
    this.built = data;
    return data;
  }

  private build(): Promise<Datasets> {
    const { workflowId } = workflowInfo();
    const kept = this.keptSplitsOf === null ? {} : { keepSplitsOf: this.keptSplitsOf };
    const recipe = { ...this.recipe, business: { ...this.recipe.business, ...kept } };
    return runChild(buildDataset, {
      args: [{ recipe, overrules: [], reportTo: null }],
      workflowId: `${workflowId}.buildDataset`,
      staticSummary: `data of ${workflowId}`,
    });
  }

  /** null where there is no champion to compare with. */
  async findNews({ business }: Datasets): Promise<NewRecords | null> {
    const { champion } = this.standing;
    if (champion === null) return null;
    this.enter('findNewRecords');
    const { settings, runFolder } = this.recipe;
    const { driftAlpha } = this.settings;
    const sides = { dataset: business.uri, before: champion.dataset.uri };
    return dataActivities.findNewRecords({ ...sides, seed: settings.seed, driftAlpha, into: runFolder });
  }

  /** The whole recipe, from the base model on all data: nothing that an earlier model forgot is handed on. */
  async train({ business }: Datasets): Promise<Trained> {
    const { workflowId } = workflowInfo();
    const challengerRun = `${workflowId}.boost`;
    this.enter('boost');
    this.book.tell({ challengerRun, verdict: `The challenger is being trained: ${challengerRun}.` });
    const { run, outcome, verdict, modelUri, reportUri } = await runChild(boost, {
      args: [boostInput(this.input, this.keptSplitsOf)],
      workflowId: challengerRun,
      staticSummary: `challenger of ${workflowId}`,
    });
    this.book.tell({ reportUri });
    const challenger = modelUri === null ? null : { modelUri, run, dataset: business };
    return { challenger, solved: outcome === 'tuned', verdict };
  }

  /** From here on test items are spent. Its search attribute stays as it was: rounds of before set none here. */
  meets(): void {
    this.book.tell({ step: 'contest', verdict: 'Champion and challenger answer the same items.' });
  }

  /** Does something once a round: what came of it stands, also where the round is followed again. */
  async once<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    if (!this.found.has(name)) this.found.set(name, await work());
    return this.found.get(name) as Result;
  }

  /** With the person's verdict in place of ours where there is one. */
  decide(id: string, decision: Decision<string>): RecordedDecision {
    const recorded = record('retrain', id, [], decision, this.overruling.made);
    this.book.decided(recorded);
    return recorded;
  }

  /** Waits for a person where the settings say so and none has said promote; nobody's word in time keeps the champion. */
  async approval({ reason, overruled }: RecordedDecision): Promise<{ promote: boolean; reason: string }> {
    const { approval, approvalHours } = this.settings;
    return approval === 'none' || overruled !== null
      ? { promote: true, reason }
      : this.approving.ask(reason, approvalHours);
  }

  /** Ends a round that leaves no trace in the history. */
  async leave(verdict: 'unchanged' | 'waits', reason: string): Promise<RetrainResult> {
    return this.end({ verdict, reason }, this.standing, null);
  }

  /** Writes the round into the history, moves the pointer where the challenger won, and tells the webhook. */
  async close({ verdict, reason, challenger, contest, anchorScores }: Closing): Promise<RetrainResult> {
    this.enter('record');
    const { task, folder, version } = this.standing;
    const entry = await quick.recordRound({
      folder,
      version,
      entry: {
        task,
        key: this.recipe.run,
        verdict,
        reason,
        by: 'retrain',
        round: {
          dataset: this.data.business,
          keptSplitsOf: this.keptSplitsOf,
          contest: contest ?? false,
          challenger: challenger ?? null,
          anchorScores: anchorScores ?? null,
        },
      },
    });
    const told = { verdict: entry.verdict as Closing['verdict'], reason: entry.reason };
    const result = await this.end(told, entry, challenger?.run ?? null);
    return { ...result, webhook: await this.notify(entry.verdict, entry.reason, entry) };
  }

  private get data(): Datasets {
    if (this.built) return this.built;
    throw failure({ type: 'Internal', what: 'No data was built.', where: 'retrain', todo: 'Report this.' });
  }

  private async end(
    told: Pick<RetrainResult, 'verdict' | 'reason'>,
    { champion, version }: Pick<Standing, 'champion' | 'version'>,
    challengerRun: string | null,
  ): Promise<RetrainResult> {
    this.book.close(told);
    this.upsert('closed', told.verdict);
    return { run: this.recipe.run, ...told, champion, version, challengerRun, webhook: null };
  }

  /** What became of the call, for the result: a receiver that is away is no reason to fail a round that is over. */
  private async notify(verdict: string, reason: string, entry?: ChampionEntry): Promise<string | null> {
    const { webhook: receiver } = this.settings;
    if (!receiver) return null;
    const { run } = this.recipe;
    const { task, champion, version } = this.standing;
    const model = (entry ? entry.champion : champion)?.modelUri ?? null;
    const event = {
      type: `retrain.${verdict}`,
      task,
      run,
      reason,
      version: entry?.version ?? version,
      champion: model,
    };
    try {
      await CancellationScope.nonCancellable(() => webhook.callWebhook({ webhook: receiver, id: run, event }));
      return 'told';
    } catch (error) {
      return `not told: ${(rootOf(error) as Error).message}`;
    }
  }

  private enter(step: string): void {
    this.book.tell({ step, verdict: `Running: ${step}.` });
    this.upsert(step);
  }

  private upsert(step: string, verdict?: string): void {
    if (this.recipe.searchAttributes) upsertSearchAttributes(searchAttributeUpdates(this.recipe, step, verdict));
  }
}
