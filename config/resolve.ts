import { freezeFaults } from './freezeFaults.js';
import type { Preset } from './presets.js';
import type { Provenance } from './resolved.js';
import { RecipeSettings, stagedEpochs } from './settings.js';
import { describeIssues, type InputFault } from './suggest.js';
import { sweepFaults } from './sweepFaults.js';

type Tree = { [key: string]: unknown };
export type SettingsSource = Provenance['from'];

/** Overrides in the order in which they apply: each later layer wins. */
export interface SettingsLayer {
  from: SettingsSource;
  settings: Tree;
  /** What LoRA needs instead of these. */
  lora?: Tree;
}

export type ResolvedSettings =
  | { ok: true; settings: RecipeSettings; provenance: Provenance[] }
  | { ok: false; from: SettingsSource; faults: InputFault[] };

/** The layer that a preset makes. */
export function presetLayer(preset: Preset): SettingsLayer {
  return { from: 'preset', settings: preset.settings as Tree, lora: (preset.lora ?? {}) as Tree };
}

/** Merges the layers over the defaults; every value that is not a default comes with where it is from. */
export function resolveSettings(layers: readonly SettingsLayer[]): ResolvedSettings {
  let merged: Tree = {};
  const origin = new Map<string, SettingsSource>();
  for (const { from, settings } of layers) {
    const parsed = RecipeSettings.safeParse(merge(merged, settings));
    if (!parsed.success) return { ok: false, from, faults: describeIssues(RecipeSettings, parsed.error) };
    merged = merge(merged, settings);
    for (const path of leaves(settings)) origin.set(path, from);
  }
  for (const { path, value } of loraValues(layers, merged, origin)) {
    merged = merge(merged, treeOf(path, value));
    origin.set(path, 'lora');
  }
  const settings = RecipeSettings.parse(merged);
  const [fault] = [
    ...epochFaults(settings),
    ...stageFaults(settings),
    ...alternativeFaults(settings),
    ...freezeFaults(settings),
    ...sweepFaults(settings),
    ...priceFaults(settings),
  ];
  if (fault) return { ok: false, from: origin.get(fault.path.join('.')) ?? 'preset', faults: [fault] };
  const defaults = RecipeSettings.parse({});
  const provenance = [...origin].flatMap(([path, from]) => {
    const [value, instead] = [show(at(settings, path)), show(at(defaults, path))];
    return value === instead ? [] : [{ path, value, from, instead }];
  });
  return { ok: true, settings, provenance };
}

/** Every setting with its value and where that is from. */
export function settingsWithOrigin(
  settings: RecipeSettings,
  provenance: readonly Provenance[],
): { path: string; value: string; from: SettingsSource | 'default' }[] {
  const origins = new Map(provenance.map(({ path, from }) => [path, from]));
  return leaves(settings).map((path) => ({
    path,
    value: show(at(settings, path)),
    from: origins.get(path) ?? 'default',
  }));
}

/** The preset's own values for LoRA, else about ten times the rates of full tuning (methods M6), unless task or run say one. */
function loraValues(
  layers: readonly SettingsLayer[],
  merged: Tree,
  origin: ReadonlyMap<string, SettingsSource>,
): { path: string; value: unknown }[] {
  if (at(merged, 'training.method') !== 'lora') return [];
  const own = new Map(layers.flatMap(({ lora = {} }) => leaves(lora).map((path) => [path, at(lora, path)] as const)));
  const tenfold = (path: string) => timesTen(at(RecipeSettings.parse(merged), path));
  const paths = new Set(['training.learningRate', 'sweep.learningRates', 'align.learningRate', ...own.keys()]);
  return [...paths]
    .filter((path) => origin.get(path) !== 'task' && origin.get(path) !== 'run')
    .map((path) => ({ path, value: own.has(path) ? own.get(path) : tenfold(path) }));
}

function timesTen(value: unknown): unknown {
  const tenfold = (rate: number) => Number((rate * 10).toPrecision(6));
  return Array.isArray(value) ? value.map((rate) => tenfold(Number(rate))) : tenfold(Number(value));
}

function treeOf(path: string, value: unknown): Tree {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;
}

/** R11 caps the passes over the business data: mix, coarse and fine go on from one another. */
function epochFaults({ training, mix, stages }: RecipeSettings): InputFault[] {
  const planned = mix.epochs + stagedEpochs(stages);
  if (planned <= training.epochs) return [];
  const between = stages.between.length > 0 ? ' + the epochs of stages.between' : '';
  const sum = `mix.epochs + stages.coarseEpochs${between} + stages.fineEpochs = ${planned}`;
  return [{ path: ['training', 'epochs'], says: `${sum} is more than training.epochs = ${training.epochs} (R11).` }];
}

/** Each stage has a name of its own, and there is one. */
function stageFaults({ stages }: RecipeSettings): InputFault[] {
  const names = stages.between.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const faults: InputFault[] = [];
  if (twice !== undefined) faults.push({ path: ['stages', 'between'], says: `two stages are called "${twice}".` });
  if (stagedEpochs(stages) === 0)
    faults.push({
      path: ['stages'],
      says: 'no stage has an epoch; give stages.coarseEpochs or stages.fineEpochs some.',
    });
  return faults;
}

/** An adapter's rank can be lowered only where one is trained. */
function alternativeFaults({ training, mix, sweep }: RecipeSettings): InputFault[] {
  if (training.method === 'lora' || sweep.methods.includes('lora') || !mix.alternatives.includes('lowRank')) return [];
  return [{ path: ['mix', 'alternatives'], says: 'lowRank needs training.method = lora; full tuning has no rank.' }];
}

/** Money is counted by what an hour of a trainer costs. */
function priceFaults({ budget }: RecipeSettings): InputFault[] {
  if (budget?.money === undefined || budget.prices?.trainerHour !== undefined) return [];
  const says =
    'nothing says what an hour of a trainer costs. Set budget.prices.trainerHour, to 0 where the machine is paid for.';
  return [{ path: ['budget', 'money'], says }];
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(under: Tree, over: Tree): Tree {
  const result: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isTree(value) && isTree(below) ? merge(below, value) : value;
  }
  return result;
}

function leaves(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? leaves(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

function at(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isTree(value) ? value[key] : undefined), tree);
}

function show(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
