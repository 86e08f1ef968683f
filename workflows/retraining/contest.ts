/** Champion and challenger asked the same items, one after the other on the same day, and the verdicts on what they said. */
import type { NewRecords } from '../../activities/data/news/newRecords.js';
import type { Decision, RecordedDecision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import type { Champion } from '../../config/retraining.js';
import type { Datasets } from '../../config/steps.js';
import { evaluations } from '../evaluations.js';
import { fingerprint } from '../plan.js';
import { labelsFit } from '../policies/retraining/labelsFit.js';
import type { PromotionLimits } from '../policies/retraining/promotion.js';
import { vlm } from '../proxies.js';
import { servingMeanwhile } from '../run/serving.js';
import type { Round } from './round.js';

export interface Meeting {
  data: Datasets;
  news: NewRecords;
  challenger: Champion;
}

export interface Met {
  labels: RecordedDecision;
  gate: RecordedDecision;
  /** Shares right on the frozen test. */
  anchorScores: { champion: number; challenger: number };
}

interface Answered {
  anchor: Evaluation;
  window: Evaluation;
  generic: Evaluation | null;
}

/** What the meeting says, before a person has a word in it. */
interface Judged {
  gate: Decision<string>;
  labels: Decision<string>;
  anchorScores: Met['anchorScores'];
}

export async function contest(round: Round, meeting: Meeting): Promise<Met> {
  const { gate, labels, anchorScores } = await round.once('contest', () => meet(round, meeting));
  return {
    gate: round.decide('retrain/promotion', gate),
    labels: round.decide('retrain/labels', labels),
    anchorScores,
  };
}

async function meet(round: Round, meeting: Meeting): Promise<Judged> {
  round.meets();
  const { champion, best } = round.standing;
  const before = await answersOf(round, meeting, champion as Champion);
  const after = await answersOf(round, meeting, meeting.challenger);
  const anchorOfBest = best ? (await asking(round, best, (ask) => frozen(round, ask))).answersUri : null;
  const sides = (set: 'window' | 'anchor') => ({
    champion: before[set].answersUri,
    challenger: after[set].answersUri,
  });
  const generic =
    before.generic && after.generic
      ? { champion: before.generic.answersUri, challenger: after.generic.answersUri }
      : null;
  const gate = await vlm.holdContest({
    window: sides('window'),
    anchor: sides('anchor'),
    generic,
    anchorOfBest,
    limits: limitsOf(round),
  });
  const labels = labelsFit({
    champion: before.window.score,
    challenger: after.window.score,
    baseline: Math.max(before.window.majorityBaseline, after.window.majorityBaseline),
    frozen: before.anchor.score,
    gains: Number(gate.evidence['windowLower'] ?? -1) > 0,
  });
  const anchorScores = { champion: before.anchor.score.mean, challenger: after.anchor.score.mean };
  return { gate, labels, anchorScores };
}

type Ask = ReturnType<typeof evaluations>;

function answersOf(round: Round, { data, news }: Meeting, model: Champion): Promise<Answered> {
  const { testItems, genericItems } = round.recipe.settings.evaluation;
  return asking(round, model, async (ask) => ({
    anchor: await frozen(round, ask),
    window: await ask.window(news.windowUri, testItems),
    generic: data.generic ? await ask.generic(data.generic, genericItems) : null,
  }));
}

/** The test split of the first champion's dataset: it stays as it was, whatever is added. */
function frozen({ standing, recipe }: Round, ask: Ask): Promise<Evaluation> {
  const { anchor } = standing;
  if (anchor === null) throw new Error('unreachable: where there is a champion there is a first one');
  return ask.business(anchor, 'test', recipe.settings.evaluation.testItems);
}

function asking<Result>({ recipe }: Round, model: Champion, use: (ask: Ask) => Promise<Result>): Promise<Result> {
  const name = `contest-${fingerprint(model.modelUri)}`;
  const server = { key: `${recipe.run}/${name}`, folder: `${recipe.runFolder}/serving/${name}` };
  return servingMeanwhile({ ...server, model: model.modelUri }, (endpoint) => use(evaluations(recipe, endpoint, name)));
}

function limitsOf({ standing, settings, recipe }: Round): PromotionLimits {
  const { alpha, windowMargin, anchorMargin, genericMargin, sliceMargin, sliceItems } = settings;
  const formatValidity = settings.formatValidity ?? recipe.task.target.formatValidity;
  const margins = { windowMargin, anchorMargin, genericMargin, sliceMargin, sliceItems };
  return { ...margins, alpha, formatValidity, round: standing.contest };
}
