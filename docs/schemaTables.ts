/** JSON Schema as Markdown tables: one row a key, with its path, type, default and meaning. */
import { type Preset, presetSources, presets } from '../config/presets.js';
import { RecipeSettings } from '../config/settings.js';

/** The part of JSON Schema that zod writes for our contracts. */
export interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
}

type Row = [path: string, type: string, fallback: string, meaning: string];

/** A Markdown table; bars inside cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** One row a key, nested ones by their path. */
export function keyTable(schema: JsonSchema): string {
  return table(['Key', 'Type', 'Default', 'Meaning'], rowsOf(schema, ''));
}

/** The same for a choice of objects: one row a key of each, named by the value of `by`; what all have in common comes first. */
export function unionTable({ oneOf = [] }: JsonSchema, by: string): string {
  const all = oneOf.map((option) => {
    const { [by]: name, ...properties } = option.properties ?? {};
    return { name: `\`${String(name?.const)}\``, rows: rowsOf({ ...option, properties }, '') };
  });
  const same = (one: Row, other: Row) => one.join() === other.join();
  const isCommon = (row: Row) => all.every(({ rows }) => rows.some((other) => same(row, other)));
  const common = (all[0]?.rows ?? []).filter(isCommon).map((row) => ['every', ...row]);
  const own = all.flatMap(({ name, rows }) => rows.filter((row) => !isCommon(row)).map((row) => [name, ...row]));
  return table([`\`${by}\``, 'Key', 'Type', 'Default', 'Meaning'], [...common, ...own]);
}

function rowsOf({ properties = {}, required = [] }: JsonSchema, prefix: string): Row[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const item = [property.items, ...(property.items?.anyOf ?? [])].find((each) => each?.properties);
    const nested = item ? rowsOf(item, `${path}[].`) : rowsOf(property, `${path}.`);
    if (nested.length > 0 && property.description === undefined) return nested;
    return [rowOf(path, property, required.includes(name)), ...nested];
  });
}

function rowOf(path: string, property: JsonSchema, isRequired: boolean): Row {
  const { default: fallback, description = '' } = property;
  const isFilled = fallback !== undefined && JSON.stringify(fallback) !== '{}';
  const shown = isFilled ? code(fallback) : isRequired && fallback === undefined ? 'required' : '';
  return [`\`${path}\``, typeOf(property), shown, description];
}

/** Rates as people write them: 5e-6. */
function code(value: unknown): string {
  const text = JSON.stringify(value).replace(/\b0\.000\d+/g, (small) => Number(small).toExponential());
  return `\`${text}\``;
}

const typeNames: Record<string, string> = { integer: 'whole number', string: 'text', boolean: 'true or false' };

function typeOf(schema: JsonSchema): string {
  const { type = '', items, anyOf, oneOf, additionalProperties } = schema;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (oneOf) return 'object, by its kind';
  if (Array.isArray(type)) return type.map((each) => typeOf({ ...schema, type: each })).join(' or ');
  if (type === 'array') return listOf(items ?? {});
  if (type === 'object' && typeof additionalProperties === 'object')
    return `object: name to ${typeOf(additionalProperties) || 'value'}`;
  return [typeNames[type] ?? (type === 'null' ? '`null`' : type), boundsOf(schema)].filter(Boolean).join(' ');
}

function listOf(items: JsonSchema): string {
  if (items.properties || items.oneOf) return 'list of objects';
  return `list of ${typeOf(items).replace(/^(text|whole number|number)/, '$1s')}`;
}

/** Bounds as people say them; those of safe integers are no news. */
function boundsOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const from =
    exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : least !== undefined ? `from ${least}` : '';
  return [from, most === undefined ? '' : `to ${most}`].filter(Boolean).join(' ');
}

/** Every setting that a preset changes, beside its default, and what the values rest on. */
export function presetTable(): string {
  return presetRows(({ settings }) => settings);
}

/** What the presets have instead where `training.method` is `lora`. */
export function loraPresetTable(): string {
  return presetRows(({ lora = {} }) => lora);
}

function presetRows(settingsOf: (preset: Preset) => object): string {
  const entries = Object.entries<Preset>(presets);
  const changed = new Map(entries.map(([name, preset]) => [name, new Map(leavesOf(settingsOf(preset)))]));
  const names = [...changed.keys()].filter((name) => changed.get(name)?.size);
  const defaults = new Map(leavesOf(RecipeSettings.parse({})));
  const paths = [...defaults.keys()].filter((path) => names.some((name) => changed.get(name)?.has(path)));
  const rows = paths.map((path) => [
    `\`${path}\``,
    code(defaults.get(path)),
    ...names.map((name) => (changed.get(name)?.has(path) ? code(changed.get(name)?.get(path)) : '')),
    presetSources[path] ?? '',
  ]);
  return table(['Setting', 'Default', ...names.map((name) => `\`${name}\``), 'Source'], rows);
}

/** Paths and values; lists are values. */
export function leavesOf(tree: object, prefix = ''): [path: string, value: unknown][] {
  return Object.entries(tree).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leavesOf(value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value]],
  );
}
