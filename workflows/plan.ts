/** From a recipe to what a trainer is asked to do. Pure. */
import type { DatasetRef, Split } from '../config/records.js';
import type { ResolvedRecipe } from '../config/resolved.js';
import type { MixRatio } from '../config/settings.js';
import type { Datasets } from '../config/steps.js';
import type { Tuning } from '../config/sweep.js';
import { LoraSettings, type TrainingSet, TrainingSpec, type TuningMethod } from '../config/training.js';
import { rateFactor } from './policies/sweep/rateFactor.js';

export const businessOnly: MixRatio = { business: 1, generic: 0 };

export function mixText({ business, generic }: MixRatio): string {
  return generic === 0 ? 'business only' : `${business} business : ${generic} generic`;
}

export function splitUri(dataset: DatasetRef, split: Split): string {
  return `${dataset.uri.replace(/\/$/, '')}/${split}.jsonl`;
}

/** The training records of high quality, beside all of them. */
function fineUri(dataset: DatasetRef): string {
  return splitUri(dataset, 'train').replace(/\.jsonl$/, '-fine.jsonl');
}

export interface TrainingWish {
  recipe: ResolvedRecipe;
  data: Datasets;
  name: string;
  /** Base model or checkpoint to go on from. */
  model: string;
  learningRate: number;
  epochs: number;
  mix: MixRatio;
  /** The generic training records, where they are not the data set's. */
  genericUri?: string | undefined;
  /** Of the task's, or templates of its own. */
  phrasing: 'coarse' | 'fine' | readonly string[];
  schedule: TrainingSpec['schedule'];
  evaluationsPerEpoch: number;
  /** Trains on the records of high quality, where the build set some apart (R15). */
  fineRecords?: boolean;
  /** Trains on the records of this quality and above (R15). */
  leastQuality?: number | undefined;
  /** Only so many business records, the same ones each time. */
  limit?: number;
  /** Asks whether the training set can be repeated (R9): its loss is watched, and its pictures stay as they are. */
  repeats?: boolean;
  /** What the sweep settled or tries, beside the rate; the recipe's settings and the trainer's defaults where it is left out. */
  tuning?: Partial<Omit<Tuning, 'learningRate'>> | undefined;
  /** Another seed than the recipe's, judged on the same items. */
  seed?: number;
  /** Ends after so many of the epochs; `continues` is the checkpoint that the same training ended at before (R10). */
  untilEpoch?: number;
  continues?: string | null;
  keepCheckpoints?: number;
}

export interface PairsWish {
  model: string;
  pairsUri: string;
  heldOutUri: string;
  tuning?: Tuning | undefined;
}

/** What is trained with where the sweep settles nothing. */
export function defaultTuning({ settings: { training, sweep } }: ResolvedRecipe): Tuning {
  return {
    learningRate: training.learningRate,
    batchSize: training.batchSize,
    loraRank: training.method === 'lora' ? LoraSettings.parse({}).rank : null,
    warmupRatio: TrainingSpec.shape.warmupRatio.parse(undefined),
    // Recipes of before search neither.
    ...(sweep.freeze?.length ? { freeze: training.freeze } : {}),
    ...(sweep.methods?.length ? { method: training.method } : {}),
  };
}

/** By what the sweep settled, or what the recipe says where it settled nothing of it. */
export function methodOf({ settings }: ResolvedRecipe, tuning: Partial<Tuning> | undefined): TuningMethod {
  return tuning?.method ?? settings.training.method;
}

/** The key follows from run, name and all that is asked: a retry finds the same job, an overruled figure starts another. */
export function trainingSpec(wish: TrainingWish): TrainingSpec {
  return named(unnamedSpec(wish));
}

function named(spec: TrainingSpec): TrainingSpec {
  return { ...spec, key: `${spec.key}.${fingerprint(JSON.stringify(spec))}` };
}

/**
 * Training on pairs from a supervised checkpoint, which is what its answers are compared with (R3). Of what the sweep
 * settled it keeps what is of the model rather than of one training: frozen parts, and the experts.
 */
export function preferenceSpec(
  recipe: ResolvedRecipe,
  data: Datasets,
  { model, pairsUri, heldOutUri, tuning }: PairsWish,
): TrainingSpec {
  const { align } = recipe.settings;
  const asServed = { phrasings: [recipe.task.prompt.template], ...systemOf(recipe) };
  const { evaluate, ...common } = unnamedSpec({
    recipe,
    data,
    name: 'align',
    model,
    // The setting is for the recipe's own method.
    learningRate: align.learningRate * rateFactor(recipe.settings.training.method, methodOf(recipe, tuning)),
    tuning: { freeze: tuning?.freeze, activeExperts: tuning?.activeExperts, routerLoss: tuning?.routerLoss },
    epochs: align.epochs,
    mix: businessOnly,
    phrasing: 'fine',
    schedule: 'linear',
    evaluationsPerEpoch: align.evaluationsPerEpoch,
  });
  const spec = TrainingSpec.parse({
    ...common,
    train: { business: { uri: pairsUri, ...asServed }, mix: businessOnly },
    evaluate: {
      ...evaluate,
      preferences: { uri: heldOutUri, ...asServed, limit: recipe.settings.training.evaluationItems },
    },
    method: 'dpo',
    preferences: { reference: model, trains: 'full', beta: align.beta, sftWeight: align.sftWeight },
    batchSize: align.batchSize,
    layout: { tensor: 1, pipeline: 1, data: 1 },
  });
  return named(spec);
}

/** Where a job lies: its key without the run. */
export function jobFolder(recipe: ResolvedRecipe, spec: TrainingSpec): string {
  return `${recipe.runFolder}/training/${spec.key.slice(recipe.run.length + 1)}`;
}

/** FNV-1a, 32 bits, in hex: workflows have no crypto, and this only tells a run's own jobs apart. */
export function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function expertsOf({ activeExperts, routerLoss }: NonNullable<TrainingWish['tuning']> = {}) {
  const experts = {
    ...(activeExperts === undefined ? {} : { active: activeExperts }),
    ...(routerLoss === undefined ? {} : { routerLoss }),
  };
  return Object.keys(experts).length > 0 ? { experts } : {};
}

function systemOf({ task: { prompt } }: ResolvedRecipe): Pick<TrainingSet, 'system'> {
  return prompt.system === null ? {} : { system: prompt.system };
}

function unnamedSpec(wish: TrainingWish): TrainingSpec {
  const { recipe, data, mix } = wish;
  const { training } = recipe.settings;
  // Settings that an older run recorded have no such key.
  const freeze = wish.tuning?.freeze ?? (wish.tuning?.method === 'lora' ? [] : (training.freeze ?? []));
  const method = methodOf(recipe, wish.tuning);
  const seed = wish.seed ?? recipe.settings.seed;
  const sameItems = seed === recipe.settings.seed ? {} : { limitSeed: recipe.settings.seed };
  const business: TrainingSet = {
    uri: wish.fineRecords && data.business.fine ? fineUri(data.business) : splitUri(data.business, 'train'),
    phrasings: typeof wish.phrasing === 'string' ? recipe.task.phrasings[wish.phrasing] : [...wish.phrasing],
    ...(wish.leastQuality ? { leastQuality: wish.leastQuality } : {}),
    ...systemOf(recipe),
    ...(wish.limit ? { limit: wish.limit, ...sameItems } : {}),
  };
  const items = { limit: training.evaluationItems, ...sameItems };
  const served = { phrasings: [recipe.task.prompt.template], ...systemOf(recipe), ...items };
  return TrainingSpec.parse({
    schema: 'anneal.training/1',
    key: `${recipe.run}/${wish.name}`,
    model: wish.model,
    train: {
      business,
      ...(data.generic && mix.generic > 0
        ? { generic: { uri: wish.genericUri ?? splitUri(data.generic, 'train') } }
        : {}),
      mix: data.generic ? mix : businessOnly,
    },
    evaluate: {
      ...(wish.repeats ? { train: { ...business, ...served } } : {}),
      validation: { uri: splitUri(data.business, 'validation'), ...served },
      ...(data.generic ? { generic: { uri: splitUri(data.generic, 'validation'), ...items } } : {}),
    },
    method,
    ...(freeze.length > 0 ? { freeze } : {}),
    ...expertsOf(wish.tuning),
    learningRate: wish.learningRate,
    schedule: wish.schedule,
    epochs: wish.epochs,
    ...(wish.untilEpoch && wish.untilEpoch < wish.epochs ? { untilEpoch: wish.untilEpoch } : {}),
    ...(wish.continues ? { continues: wish.continues } : {}),
    batchSize: wish.tuning?.batchSize ?? training.batchSize,
    ...(wish.tuning?.loraRank ? { lora: { rank: wish.tuning.loraRank } } : {}),
    ...(wish.tuning?.warmupRatio === undefined ? {} : { warmupRatio: wish.tuning.warmupRatio }),
    ...(wish.keepCheckpoints ? { keepCheckpoints: wish.keepCheckpoints } : {}),
    evaluationsPerEpoch: wish.evaluationsPerEpoch,
    // Recipes of before have one process.
    ...(training.processes > 1 ? { layout: { tensor: 1, pipeline: 1, data: training.processes } } : {}),
    augment: { shiftPixels: wish.repeats ? 0 : training.shiftPixels },
    ...(training.trackers?.length ? { trackers: training.trackers } : {}),
    seed,
  });
}
