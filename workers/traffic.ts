/** What each activity needs of other workers and what others need of it: the files that go between a worker's disk and the store. */
import { toPath } from '../activities/storage/files.js';
import { readSpec } from '../activities/training/jobFolder.js';
import type * as data from './wiring/data.js';
import type * as gpu from './wiring/gpu.js';
import type * as recipe from './wiring/recipe.js';
import type * as vlm from './wiring/vlm.js';

type Wired = ReturnType<typeof recipe.activities> &
  ReturnType<typeof data.activities> &
  ReturnType<typeof vlm.activities> &
  ReturnType<typeof gpu.activities>;

/** Paths or URIs of this disk: a file, a folder, or with a `*` at the end all that begins so. */
type Places = string[] | Promise<string[]>;

export interface Traffic<Input, Result> {
  /** State that another attempt may have begun on another machine: taken up before, sent every half minute and at any end. */
  keeps?: (input: Input) => Places;
  /** Brought before. */
  reads?: (input: Input) => Places;
  /** Files of records, brought with the pictures that they name. */
  records?: (input: Input) => Places;
  /** Sent when it is done. */
  writes?: (input: Input, result: Result) => Places;
  /** Taken out of the store when it is done, as far as it is gone here. */
  removes?: (input: Input) => Places;
  /** What is kept does as it is here while the store is away: nothing new begins upon it. */
  controls?: true;
  /** It is called again and again: where the store stays away for so many attempts, the work is done without it. */
  again?: { patientAttempts: number };
}

const nothing = {};

/** By activity; one that is missing here does not compile. */
export const traffic: { [Name in keyof Wired]: Traffic<Parameters<Wired[Name]>[0], Awaited<ReturnType<Wired[Name]>>> } =
  {
    resolveRecipe: { writes: (_, { runFolder }) => [`${runFolder}/recipe.json`] },
    renderReport: {
      reads: ({ facts: { business, generic, before, after, trainings } }) => [
        ...[business, generic].flatMap((dataset) => (dataset ? [`${dataset.uri}/manifest.json`] : [])),
        ...[before.business, after.business].flatMap((evaluation) => (evaluation ? [evaluation.answersUri] : [])),
        ...trainings.map(({ eventsUri }) => eventsUri),
      ],
      writes: ({ folder }) => [`${folder}/report.html`, `${folder}/report.json`], // in this order: see bringReports
      again: { patientAttempts: 4 },
    },
    standingOfTask: nothing,
    recordRound: nothing,
    runningAs: nothing,
    checkWebhook: nothing,
    callWebhook: nothing,

    buildDatasetFolder: {
      reads: ({ source }) => (source.keepSplitsOf ? [source.keepSplitsOf] : []),
      writes: (_, { uri }) => [uri],
    },
    fetchGenericSource: nothing,
    findNewRecords: {
      reads: ({ dataset, before }) => [dataset, before],
      writes: (_, { windowUri }) => [windowUri],
    },
    listPictures: nothing,
    finishCaptions: nothing,
    captionWindow: nothing,

    probeEndpoint: nothing,
    evaluateOverEndpoint: {
      keeps: ({ into, name }) => [`${into}/${name.replace(/[^\w.-]+/g, '-')}-*`],
      records: ({ setUri }) => [setUri],
    },
    compareParity: {
      reads: ({ offlineUri, mergedUri, answersUri }) => [offlineUri, answersUri, ...(mergedUri ? [mergedUri] : [])],
    },
    compareAnswers: { reads: ({ beforeUri, afterUri }) => [beforeUri, afterUri] },
    holdContest: {
      reads: ({ window, anchor, generic, anchorOfBest }) =>
        [window, anchor, generic]
          .flatMap((side) => (side ? [side.champion, side.challenger] : []))
          .concat(anchorOfBest ?? []),
    },
    probeRecords: {
      reads: ({ datasetUri, answersUris }) => [
        ...['train', 'dev', 'validation', 'ledger'].map((name) => `${datasetUri}/${name}.jsonl`),
        ...answersUris,
      ],
    },
    buildPreferencePairs: {
      reads: ({ answersUris }) => answersUris,
      records: ({ setUri, freshUri }) => [setUri, ...(freshUri ? [freshUri] : [])],
      writes: ({ into }) => [into],
    },

    planRewrite: { writes: (_, { plan }) => [plan.folder] },
    cutRewriteParts: { reads: ({ dataset }) => [dataset], writes: ({ plan }) => [`${plan.folder}/parts`] },
    rewriteWindow: {
      keeps: ({ plan, index }) => [`${plan.folder}/windows/${String(index).padStart(5, '0')}*`],
      reads: ({ plan, dataset }) => [`${plan.folder}/parts`, dataset],
    },
    finishRewrite: {
      reads: ({ plan, dataset }) => [plan.folder, dataset],
      writes: ({ plan }) => [plan.folder],
    },

    trainerCapabilities: nothing,
    submitTraining: {
      keeps: ({ folder }) => [folder],
      reads: ({ spec }) => foldersOf(spec),
      records: ({ spec }) => recordsOf(spec),
    },
    watchTraining: { keeps: ({ handle }) => [handle.folder], controls: true },
    stopTraining: { keeps: ({ handle }) => [handle.folder], controls: true },
    collectTraining: {
      keeps: ({ handle }) => [handle.folder],
      reads: async ({ handle }) => {
        const spec = await readSpec(toPath(handle.folder));
        return spec === null ? [] : [spec.train.business.uri];
      },
    },
    discardCheckpoints: {
      reads: ({ folders }) => folders.map((folder) => `${folder}/result.json`),
      writes: ({ folders }) => folders.map((folder) => `${folder}/attempts`),
      removes: ({ folders }) => folders.flatMap((folder) => [`${folder}/result.json`, `${folder}/checkpoints`]),
    },
    trainingLogs: { reads: ({ handle }) => [`${handle.folder}/log.txt`] },
    mergeAdapter: { reads: ({ model, adapter }) => [model, adapter], writes: ({ into }) => [`${into}*`] },
    exportModel: { reads: ({ model, checkpoint }) => [model, checkpoint], writes: ({ into }) => [`${into}*`] },
    answerOffline: {
      reads: ({ model, adapter }) => [model, ...(adapter === null ? [] : [adapter])],
      records: ({ setUri }) => [setUri],
      writes: (_, { answersUri }) => [`${answersUri}*`],
    },
    probeTraining: {
      reads: ({ spec }) => foldersOf(spec),
      records: ({ spec }) => recordsOf(spec),
      writes: ({ into }) => [`${into}*`],
    },
    measureAverages: {
      reads: ({ spec }) => foldersOf(spec),
      records: ({ spec }) => recordsOf(spec),
      writes: ({ into }) => [`${into}*`],
    },
    answerAsBase: {
      reads: ({ model }) => [model],
      records: ({ setUri }) => [setUri],
      writes: ({ into }) => [into],
    },
    writeAverage: { reads: ({ base, tuned }) => [base, tuned], writes: ({ into }) => [`${into}*`] },
    startServing: { reads: ({ model }) => [model] },
    stopServing: nothing,
  };

/** Models and checkpoints that a specification names. */
function foldersOf(spec: unknown): string[] {
  return urisIn(spec).filter((uri) => !uri.endsWith('.jsonl'));
}

function recordsOf(spec: unknown): string[] {
  return urisIn(spec).filter((uri) => uri.endsWith('.jsonl'));
}

function urisIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('file:') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(urisIn) : [];
}
