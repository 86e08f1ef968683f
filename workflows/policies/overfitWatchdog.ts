import type { Decision } from '../../config/decisions.js';
import type { EvaluationPoint } from '../../config/training.js';
import {
  exactOf,
  genericAllowance,
  inOrder,
  isSustained,
  lossesOf,
  oneSided,
  pairedError,
  pointsLeft,
  threePointMeans,
  type WatchdogLimits,
} from './curve.js';
import { fewestForTrend, isFalling, isRising, noiseOf, theilSen } from './statistics/trend.js';
import { figure, known } from './wording.js';

export type { WatchdogLimits } from './curve.js';
export type WatchdogCause = 'overfit' | 'nicheOverfit' | 'genericBudgetSpent' | 'plateau' | 'diverged';
type Verdict = Decision<'continue' | 'stop' | 'watch' | 'cannotTell'> & { cause: WatchdogCause | null };

/** `former`: as runs of before were judged, which stopped for a generic loss that comes back, and told no noise. */
export type Manner = 'current' | 'former';

interface Finding {
  cause: WatchdogCause | null;
  /** Something rises, though not enough to stop. */
  watch: string | null;
  /** The generic loss is too noisy for its side of the budget to be told. */
  unclear?: true;
}

/**
 * Whether the validation loss has risen over its best 3-point mean past 1 %, past the noise from point to point, and past what
 * another draw of items might show. The last two are not the same: a model that wanders away on a few items does so smoothly.
 */
function hasRisen(points: readonly EvaluationPoint[], losses: readonly number[]): boolean {
  const means = threePointMeans(losses);
  const best = Math.min(...means);
  const rise = (means.at(-1) ?? Number.NaN) - best;
  const byItems = oneSided * (pairedError(points, 'validation', 'sinceBest') ?? 0);
  return rise > Math.max(0.01 * best, 2 * noiseOf(losses) * Math.sqrt(2 / 3), byItems);
}

/** The loss may rise while the score rises: over-confidence, not overfitting (methods M7, Checkpoint). */
function scoreRises(points: readonly EvaluationPoint[], window: number): boolean {
  return isRising(exactOf(points, 'validation').slice(-window));
}

/** Excess of the generic loss over where its budget counts from, its one-sided 95 % bounds, and what is allowed. */
function genericExcess(points: readonly EvaluationPoint[], limits: WatchdogLimits) {
  const losses = lossesOf(points, 'generic');
  const base = limits.genericBaseline;
  const first = base?.loss ?? losses[0] ?? Number.NaN;
  const excess = (threePointMeans(losses).at(-1) ?? Number.NaN) - first;
  const byItems = Math.hypot(base?.error ?? 0, pairedError(points, 'generic', 'sinceFirst') ?? 0);
  const noise = noiseOf(losses);
  const unsure = oneSided * Math.max(noise * Math.sqrt(1 + 1 / 3), byItems);
  return {
    first,
    excess,
    noise: Math.max(noise, byItems),
    lower: excess - unsure,
    upper: excess + unsure,
    allowed: genericAllowance(first, limits),
  };
}

/** Above this share of what is allowed noise hides on which side of the budget a loss is (methods M7). */
const noisyShare = 0.4;

/**
 * Whether a budget that is surely exceeded is spent: methods M7 has it at once. But the first steps of a tuning shake general ability,
 * and what is mixed in brings it back, so it is spent where the loss rises, or was outside for a whole window and does not fall.
 */
function isSpent(window: readonly number[], bound: number, limits: WatchdogLimits): boolean {
  if (window.length < fewestForTrend) return theilSen(window) > 0;
  const stays = window.length >= limits.window && window.every((loss) => loss > bound);
  return isRising(window) || (stays && !isFalling(window));
}

function genericFinding(points: readonly EvaluationPoint[], limits: WatchdogLimits, manner: Manner): Finding {
  const losses = lossesOf(points, 'generic');
  const { first, excess, lower, upper, allowed, noise } = genericExcess(points, limits);
  const window = losses.slice(-limits.window);
  if (lower > allowed && isSustained(losses, first + allowed)) {
    if (manner === 'former' || isSpent(window, first + allowed, limits))
      return { cause: 'genericBudgetSpent', watch: null };
    return { cause: null, watch: 'Generic loss is outside its budget, and may come back.' };
  }
  const rising = isRising(window);
  const ahead = rising && excess + 2 * theilSen(window) > allowed && lower > noisyShare * allowed;
  const noisy = noise > noisyShare * allowed;
  if (ahead && !noisy) return { cause: 'nicheOverfit', watch: null };
  const why = ahead ? 'too noisy to judge' : excess > allowed ? 'not surely out of its budget' : 'inside its budget';
  const watch = rising ? `Generic loss rises, ${why}.` : null;
  return noisy && (ahead || upper > allowed) ? { cause: null, watch, unclear: true } : { cause: null, watch };
}

/** Upper bound of what the validation loss can still fall until the planned end; Theil-Sen's slope with its noise. */
function gainLeft(points: readonly EvaluationPoint[], losses: readonly number[], limits: WatchdogLimits): number {
  const window = losses.slice(-limits.window);
  const n = window.length;
  const slopeError = noiseOf(losses) * Math.sqrt(12 / (n * (n * n - 1)));
  return (oneSided * slopeError - theilSen(window)) * pointsLeft(points, limits.plannedEnd);
}

/** What the last of these points shows. */
function findingAt(points: readonly EvaluationPoint[], limits: WatchdogLimits, manner: Manner): Finding {
  const validation = lossesOf(points, 'validation');
  const generic = lossesOf(points, 'generic');
  const rising = isRising(validation.slice(-limits.window)) && hasRisen(points, validation);
  const confident = rising && scoreRises(points, limits.window);
  if (rising && !confident) return { cause: 'overfit', watch: null };
  const harm: Finding = generic.length >= 3 ? genericFinding(points, limits, manner) : { cause: null, watch: null };
  if (harm.cause) return harm;
  const unmeasured = unmeasuredAt(points, manner);
  if (unmeasured) return { cause: null, watch: unmeasured };
  if (confident) return { cause: null, watch: 'Validation loss rises while the score still rises: over-confidence.' };
  if (harm.watch) return harm;
  const level = threePointMeans(validation).at(-1) ?? Number.NaN;
  const flat = validation.length >= 6 && gainLeft(points, validation, limits) < limits.minimumEffect * level;
  return { ...harm, cause: flat ? 'plateau' : null };
}

/** What the last point does not show: the loss that it is all about, or the generic one where the first point has it (R16). */
function unmeasuredAt(points: readonly EvaluationPoint[], manner: Manner): string | null {
  const [first, last] = [points.at(0)?.losses, points.at(-1)?.losses];
  if (manner === 'current' && !Number.isFinite(last?.['validation']))
    return 'Validation loss is not measured: overfitting would not be seen.';
  if (Number.isFinite(first?.['generic']) && !Number.isFinite(last?.['generic']))
    return 'Generic loss is no number or not measured any more: the general ability is not guarded.';
  return null;
}

/** The loss is no number any more, or has doubled over step 0; a spike, and a rise below the floor in nats, have not. */
function hasDiverged(points: readonly EvaluationPoint[], { genericFloor }: WatchdogLimits): boolean {
  const last = points.at(-1)?.losses;
  if (last && 'validation' in last && !Number.isFinite(last['validation'])) return true;
  const losses = lossesOf(points, 'validation');
  const [first = Number.NaN] = losses;
  const bound = Math.max(2 * first, first + genericFloor);
  return (threePointMeans(losses).at(-1) ?? Number.NaN) > bound && isSustained(losses, bound);
}

const sentences: Record<WatchdogCause, string> = {
  overfit: 'Validation loss rises from its best beyond noise: overfitting (R11).',
  nicheOverfit: 'Generic loss rises and will leave its budget within two points: overfitting to the niche (R16).',
  genericBudgetSpent: 'The rise of generic loss has surely spent its budget: overfitting to the niche (R16).',
  plateau: 'Validation loss cannot fall by enough until the planned end to be worth it.',
  diverged: 'Validation loss is no number or has doubled over step 0: the training has diverged.',
};

/**
 * R16: go on or stop? Methods M7 on validation and generic loss (the latter may be missing). Harm must show at two
 * successive points; a generic loss too noisy for its budget can't be told. No verdict before `minimumPoints` points and
 * `minimumEpochs` epochs, divergence aside. A pure function of the points: a run resumed from the middle gets the same
 * verdicts.
 */
export function overfitWatchdog(
  given: readonly EvaluationPoint[],
  limits: WatchdogLimits,
  manner: Manner = 'current',
): Verdict {
  const points = inOrder(given);
  const evidence = evidenceOf(points, limits);
  const say = (verdict: Verdict['verdict'], cause: WatchdogCause | null, reason: string): Verdict => ({
    verdict,
    reason,
    evidence,
    cause,
  });
  const curves = `Validation ${shown(evidence.validation)} (best ${shown(evidence.bestValidation)}), generic ${shown(evidence.generic)} (counted from ${shown(evidence.genericAtFirst)}).`;
  if (hasDiverged(points, limits)) return say('stop', 'diverged', `${sentences.diverged} ${curves}`);
  const epoch = points.at(-1)?.epoch ?? 0;
  if (points.length < limits.minimumPoints || epoch < limits.minimumEpochs)
    return say('continue', null, `${points.length} points and ${figure(epoch)} epochs are too few for a verdict.`);
  const now = findingAt(points, limits, manner);
  const before = findingAt(points.slice(0, -1), limits, manner);
  const [harmNow, harmBefore] = [isHarm(now.cause), isHarm(before.cause)];
  const twice = harmNow ? harmBefore : before.cause !== null;
  if (now.cause !== null && twice && (harmNow || limits.plateauStops))
    return say('stop', now.cause, `${sentences[now.cause]} Seen at two points in a row. ${curves}`);
  if (now.unclear && manner === 'current')
    return {
      ...say('cannotTell', null, `Generic loss is too noisy to tell whether it is inside its budget. ${curves}`),
      settles: 'More generic items at an evaluation: training.evaluationItems, or a larger generic set.',
    };
  if (now.cause === null)
    return say(now.watch ? 'watch' : 'continue', null, `${now.watch ?? 'Both losses are healthy.'} ${curves}`);
  const once = twice ? '' : ' Seen at one point; a second would count.';
  return say('watch', now.cause, `${sentences[now.cause]}${once} ${curves}`);
}

function isHarm(cause: WatchdogCause | null): boolean {
  return cause !== null && cause !== 'plateau';
}

const shown = (value: number | null) => (value === null ? 'not known' : figure(value));

function evidenceOf(points: readonly EvaluationPoint[], limits: WatchdogLimits) {
  const last = points.at(-1);
  const validation = lossesOf(points, 'validation');
  const generic = lossesOf(points, 'generic');
  const { first, excess, lower, allowed } = genericExcess(points, limits);
  const errors = {
    validationErrorByItem: pairedError(points, 'validation', 'sinceBest'),
    genericErrorByItem: pairedError(points, 'generic', 'sinceFirst'),
  };
  return {
    step: last?.step ?? 0,
    epoch: last?.epoch ?? 0,
    points: points.length,
    validation: known(validation.at(-1)),
    bestValidation: known(Math.min(...validation)),
    validationNoise: noiseOf(validation),
    generic: known(generic.at(-1)),
    genericAtFirst: known(first),
    genericExcess: known(excess),
    genericExcessLower: known(lower),
    genericAllowed: known(allowed),
    ...Object.fromEntries(Object.entries(errors).filter(([, error]) => error !== null)),
  };
}
