/** Fixes everything that a run will interpret: settings with their origin, files, model, trainer, versions, digests. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelInfo } from '../../config/models.js';
import { type PresetName, presets } from '../../config/presets.js';
import { problem } from '../../config/problems.js';
import { presetLayer, resolveSettings, type SettingsLayer } from '../../config/resolve.js';
import type { DataSource, FieldNames, ResolvedRecipe } from '../../config/resolved.js';
import { pathText } from '../../config/suggest.js';
import type { BoostInput } from '../../config/task.js';
import type { TrainerCapabilities } from '../../config/training.js';
import { memoryRefusals } from '../../workflows/policies/parallel/refusals.js';
import { planRefusals } from '../../workflows/policies/planRefusals.js';
import { expertRefusals } from '../../workflows/policies/sweep/expertRefusals.js';
import { sourceNamed } from '../data/generic/fetchSource.js';
import { requireLicence } from '../data/generic/licences.js';
import { sha256, toUri, writeJson } from '../storage/files.js';
import { given, requireFiles, sourceFile } from './records.js';
import { type FoundTask, readTaskFile } from './taskFile.js';

export interface RecipeDeps {
  /** Folder that task paths are relative to; `.anneal/` lies in it. */
  root: string;
  /** The package's own folder: the embedded model and generic data are in it. */
  packageFolder: string;
  modelInfo(folder: string): Promise<ModelInfo>;
  trainerCapabilities(): Promise<TrainerCapabilities>;
  /** Throws NoSpace where the disk is too full to begin. */
  requireSpace(folder: string): Promise<void>;
  searchAttributesRegistered(): Promise<boolean>;
}

export interface ResolveInput {
  input: BoostInput;
  run: string;
}

export function createRecipeActivities(deps: RecipeDeps) {
  return {
    /** The first activity of a run. Bad input is refused here, before anything is spent. */
    async resolveRecipe({ input, run }: ResolveInput): Promise<ResolvedRecipe> {
      const found = await readTaskFile(input.task, deps.root);
      const preset = presetOf(found);
      const { settings, provenance } = settingsOf(found, preset, input);
      const modelFolder = await modelFolderOf(found, preset, deps.packageFolder);
      const model = await deps.modelInfo(modelFolder);
      const trainer = await deps.trainerCapabilities();
      const { method, trackers = [], epochs, evaluationsPerEpoch, processes } = settings.training;
      const layout = { tensor: 1, pipeline: 1, data: processes };
      const methods = [...new Set([method, ...settings.sweep.methods])];
      const plan = { packing: false, layout, evaluationSets: 2, trackers, evaluations: epochs * evaluationsPerEpoch };
      const refusals = [
        ...new Set(methods.flatMap((each) => planRefusals(trainer, { ...plan, method: each }))),
        ...methods.flatMap((each) => memoryRefusals(trainer, model.shape, each)),
        ...expertRefusals(settings.sweep, model, trainer),
      ];
      if (refusals.length > 0) throw refused(refusals, found.file);
      const runFolder = path.join(deps.root, '.anneal', 'runs', run);
      await mkdir(runFolder, { recursive: true });
      await deps.requireSpace(runFolder);
      const recipe: ResolvedRecipe = {
        run,
        runFolder: toUri(runFolder),
        task: taskOf(found),
        business: { ...(await businessOf(found)), ...given({ keepSplitsOf: input.keepSplitsOf }) },
        generic: await genericOf(found, preset, deps.packageFolder),
        ...genericSourcesOf(found),
        ...(await preferencesOf(found)),
        model: { uri: toUri(modelFolder), preset, ...model },
        endpoint: found.task.endpoint
          ? { ...found.task.endpoint, apiKeyVariable: found.task.endpoint.apiKeyVariable ?? null, server: null }
          : null,
        settings,
        provenance,
        trainer,
        searchAttributes: await deps.searchAttributesRegistered(),
        versions: {
          anneal: await packageVersion(deps.packageFolder),
          node: process.version,
          [trainer.name]: trainer.version,
        },
        digests: { task: sha256(found.text).slice(0, 16), model: model.digest.slice(0, 16) },
      };
      await writeJson(path.join(runFolder, 'recipe.json'), recipe);
      return recipe;
    },
  };
}
export type RecipeActivities = ReturnType<typeof createRecipeActivities>;

export function presetOf({ task, file }: FoundTask): PresetName {
  if (task.baseModel in presets) return task.baseModel as PresetName;
  if (task.preset) return task.preset;
  throw problem('InvalidInput', {
    what: `baseModel is the folder "${task.baseModel}", and nothing says which size it is.`,
    where: file,
    todo: `Add "preset": one of ${Object.keys(presets).join(', ')}, the nearest in size.`,
  });
}

export function settingsOf({ task, file }: FoundTask, preset: PresetName, input: BoostInput) {
  const onQuestion = input.onQuestion ? { onQuestion: input.onQuestion } : {};
  const layers: SettingsLayer[] = [
    presetLayer(presets[preset]),
    { from: 'task', settings: task.recipe },
    { from: 'run', settings: { ...input.recipe, ...onQuestion } },
  ];
  const resolved = resolveSettings(layers);
  if (resolved.ok) return resolved;
  throw problem('InvalidInput', {
    what: resolved.faults
      .map(({ path: at, says }) => `recipe.${pathText(at)}: ${says}`)
      .slice(0, 8)
      .join('\n'),
    where: resolved.from === 'run' ? 'the input of this run, key "recipe"' : `${file}, key "recipe"`,
    todo: 'Correct these keys; docs/settings.md lists every setting with its default.',
  });
}

export async function modelFolderOf(
  { task, file, folder }: FoundTask,
  preset: PresetName,
  packageFolder: string,
): Promise<string> {
  const embedded = presets[preset].model;
  if (task.baseModel in presets) {
    if (embedded) return path.join(packageFolder, embedded);
    throw problem('InvalidInput', {
      what: `The preset "${preset}" says a size, not a model.`,
      where: `${file}, key "baseModel"`,
      todo: `Give "baseModel" the folder of a model of that size, and "preset": "${preset}".`,
    });
  }
  const named = path.resolve(folder, task.baseModel);
  if (await isDirectory(named)) return named;
  throw problem('ModelInvalid', {
    what: 'There is no model folder there.',
    where: `${named} (key "baseModel" of ${file})`,
    todo: 'Download the model into a folder, and name that folder.',
  });
}

function taskOf({ task, file }: FoundTask): ResolvedRecipe['task'] {
  const plain = [task.prompt.template];
  return {
    name: task.name,
    description: task.description ?? null,
    file,
    target: task.target,
    answer: task.answer,
    prompt: { system: task.prompt.system ?? null, template: task.phrasings?.fine[0] ?? task.prompt.template },
    phrasings: task.phrasings ?? { coarse: plain, fine: plain },
  };
}

/** The records of a task as a source to build from. Throws `InvalidInput` for a file that isn't there. */
export async function businessOf({ task, file, folder }: FoundTask): Promise<DataSource> {
  const fields = given(task.fields) as FieldNames;
  const source = {
    name: task.name,
    files: task.records.map((entry) => sourceFile(entry, folder, fields)),
    root: folder,
    format: task.format,
    fields,
    question: task.question ?? null,
    answer: task.answer,
    unanswered: task.unanswered,
    language: task.language,
    formats: task.formats,
    ...(task.augment ? { augment: task.augment } : {}),
    ...(task.keepSplitsOf ? { keepSplitsOf: toUri(path.resolve(folder, task.keepSplitsOf)) } : {}),
    reviews: path.resolve(folder, task.reviews),
  };
  for (const [index, each] of source.files.entries()) await requireFiles(source, each, `${file}, records[${index}]`);
  return source;
}

/** Generic data of both types (R12): the task's own, else what comes with the embedded model. */
async function genericOf(
  { task, file, folder }: FoundTask,
  preset: PresetName,
  packageFolder: string,
): Promise<DataSource | null> {
  const embedded = path.join(packageFolder, 'examples', 'generic');
  const own = task.generic;
  if (!own && presets[preset].model === null) return null;
  const root = own ? folder : embedded;
  const entries = own ? [own.captions, own.instructions] : ['captions.jsonl', 'instructions.jsonl'];
  const fields = { id: 'id', image: 'image', question: 'question', answer: 'answer', kind: 'kind' };
  const source: DataSource = {
    name: 'generic',
    files: entries.flatMap((entry) => (entry ? [sourceFile(entry, root, fields)] : [])),
    root,
    format: 'auto',
    fields,
    question: null,
    answer: own?.answer ?? { kind: 'attributes', separator: ' and ' },
    unanswered: 'declared',
  };
  for (const each of source.files) await requireFiles(source, each, `${file}, key "generic"`);
  return source;
}

/** A person's own pairs (R3). Throws `InvalidInput` for a file that isn't there. */
async function preferencesOf({ task, file, folder }: FoundTask): Promise<Pick<ResolvedRecipe, 'preferences'>> {
  if (task.preferences === undefined) return {};
  const preferences = path.resolve(folder, task.preferences);
  if ((await stat(preferences).catch(() => undefined))?.isFile()) return { preferences };
  throw problem('InvalidInput', {
    what: `${task.preferences} is no file.`,
    where: `${file}, key "preferences"`,
    todo: 'Correct the path; it is relative to the folder of the task file.',
  });
}

/** Checked by name and licence here; fetched when the data is built. Throws `InvalidInput` for an unknown name. */
function genericSourcesOf({ task, folder }: FoundTask): Pick<ResolvedRecipe, 'genericSources'> {
  const { sources = [], licences = [], maximumGigabytes = 0 } = task.generic ?? {};
  if (sources.length === 0) return {};
  const wishes = sources.map((each) => {
    const source = typeof each === 'string' ? sourceNamed(each) : each;
    const placed = source.folder === undefined ? source : { ...source, folder: path.resolve(folder, source.folder) };
    requireLicence(source, null, licences);
    return { source: placed, licences, maximumBytes: maximumGigabytes * 1e9 };
  });
  return { genericSources: wishes };
}

async function isDirectory(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
}

function refused(reasons: string[], file: string): Error {
  return problem('PlanRefused', {
    what: `The trainer can't do what the plan asks: ${reasons.map((each) => each.replace(/\.$/, '')).join('; ')}.`,
    where: file,
    todo: 'Change these settings, or use another trainer.',
  });
}

async function packageVersion(packageFolder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
