/**
 * Whether a change of a JSON Schema breaks those who rely on it: callers must be able to send what they sent, and readers
 * to read what they read. Careful rather than clever: what it can't show to be harmless it names.
 */

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  enum?: Json[];
  const?: Json;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  items?: Schema;
  pattern?: string;
  format?: string;
  [bound: string]: unknown;
}

/** Keywords that say nothing of which values are valid. */
const notes = new Set(['$schema', '$id', '$defs', 'title', 'description', 'default', 'examples']);
const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
const compared = new Set<string>([
  ...['$ref', 'type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', 'items', 'pattern', 'format'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames'],
  ...lowerBounds,
  ...upperBounds,
]);

/** Sentences, one a break, each with the path of the field; empty where nobody has to change anything. */
export function breaksOfInput(before: Schema, after: Schema): string[] {
  const check = new Containment(before, after, (at, what) => `${at}: ${what} was taken before and no longer is`);
  return check.faults(before, after, []);
}

/** The same for what we write and others read; a new field disturbs no reader. */
export function breaksOfResult(before: Schema, after: Schema): string[] {
  const check = new Containment(
    after,
    before,
    (at, what) => `${at}: ${what} was never there before and may be now`,
    true,
  );
  return [...removed(before, after, []), ...check.faults(after, before, [])];
}

function removed(before: Schema, after: Schema, path: string[]): string[] {
  return Object.entries(before.properties ?? {}).flatMap(([name, schema]) => {
    const now = after.properties?.[name];
    return now ? removed(schema, now, [...path, name]) : [`${pathOf([...path, name])}: the field is gone`];
  });
}

const pathOf = (path: string[]) => path.join('.') || 'the value';

/** Whether every value that is valid by one schema is valid by another. */
class Containment {
  private readonly smallRoot: Schema;
  private readonly largeRoot: Schema;
  private readonly say: (at: string, what: string) => string;
  /** Objects may have more than the large schema knows. */
  private readonly open: boolean;

  constructor(smallRoot: Schema, largeRoot: Schema, say: (at: string, what: string) => string, open = false) {
    this.smallRoot = smallRoot;
    this.largeRoot = largeRoot;
    this.say = say;
    this.open = open;
  }

  /** What may be valid by `small` and isn't by `large`. */
  faults(smallGiven: Schema, largeGiven: Schema, path: string[]): string[] {
    if (isFile(largeGiven.$ref) && smallGiven.$ref === largeGiven.$ref) return [];
    const small = resolved(smallGiven, this.smallRoot);
    const large = resolved(largeGiven, this.largeRoot);
    const choices = small.anyOf ?? small.oneOf;
    if (choices) return choices.flatMap((choice) => this.faults(choice, large, path));
    const options = large.anyOf ?? large.oneOf;
    if (options) return fewest(options.map((option) => this.faults(small, option, path)));
    if (small.allOf || large.allOf) return this.faultsOfAll(small, large, path);
    return [
      ...this.values(small, large, path),
      ...this.limits(small, large, path),
      ...this.fields(small, large, path),
      ...(large.items ? this.faults(small.items ?? {}, large.items, [...path, '[]']) : []),
    ];
  }

  private faultsOfAll(small: Schema, large: Schema, path: string[]): string[] {
    const parts = ({ allOf = [], ...own }: Schema): Schema[] => [own, ...allOf];
    return parts(large).flatMap((demand) => fewest(parts(small).map((part) => this.faults(part, demand, path))));
  }

  private values(small: Schema, large: Schema, path: string[]): string[] {
    const given = valuesOf(small);
    const wanted = valuesOf(large);
    const fault = (what: string) => this.say(pathOf(path), what);
    if (wanted && !given) return [fault(`anything but ${wanted.map((each) => JSON.stringify(each)).join(', ')}`)];
    if (wanted && given)
      return given.filter((each) => !wanted.includes(each)).map((each) => fault(JSON.stringify(each)));
    const types = typesOf(large);
    if (types.length === 0) return [];
    const own = given ? given.map(typeOfValue) : typesOf(small);
    if (own.length === 0) return [fault(`anything but ${types.join(' or ')}`)];
    const isTaken = (type: string) => types.includes(type) || (type === 'integer' && types.includes('number'));
    return own.filter((type) => !isTaken(type)).map((type) => fault(type));
  }

  private limits(small: Schema, large: Schema, path: string[]): string[] {
    if (valuesOf(small)) return [];
    const fault = (name: string, was: unknown) =>
      this.say(
        pathOf(path),
        `a value outside of ${name} ${JSON.stringify(large[name])} (other side: ${JSON.stringify(was ?? null)})`,
      );
    const looser = (name: string, isLooser: (own: number, other: number) => boolean) => {
      const other = large[name] as number | undefined;
      const own = small[name] as number | undefined;
      return other !== undefined && (own === undefined || isLooser(own, other)) ? [fault(name, own)] : [];
    };
    return [
      ...lowerBounds.flatMap((name) => looser(name, (own, other) => own < other)),
      ...upperBounds.flatMap((name) => looser(name, (own, other) => own > other)),
      ...['pattern', 'format'].flatMap((name) =>
        large[name] !== undefined && large[name] !== small[name] ? [fault(name, small[name])] : [],
      ),
    ];
  }

  private fields(small: Schema, large: Schema, path: string[]): string[] {
    if (!typesOf(small).includes('object') || !(large.properties || large.additionalProperties !== undefined))
      return [];
    const rest = large.additionalProperties ?? true;
    const own = Object.entries(small.properties ?? {});
    const missing = (large.required ?? []).filter((name) => !small.required?.includes(name));
    return [
      ...missing.map((name) => this.say(pathOf([...path, name]), 'an object without this field')),
      ...own.flatMap(([name, schema]) => {
        const known = large.properties?.[name] ?? rest;
        if (typeof known === 'object') return this.faults(schema, known, [...path, name]);
        return known || this.open ? [] : [this.say(pathOf([...path, name]), 'this field')];
      }),
      ...this.others(small.additionalProperties ?? true, rest, path),
    ];
  }

  private others(small: boolean | Schema, large: boolean | Schema, path: string[]): string[] {
    if (small === false || large === true || this.open) return [];
    if (large === false) return [this.say(pathOf(path), 'a field of any name')];
    return this.faults(small === true ? {} : small, large, [...path, '*']);
  }
}

/** Another file, which is compared by itself. */
function isFile(reference: string | undefined): boolean {
  return reference !== undefined && !reference.startsWith('#');
}

function resolved(schema: Schema, root: Schema): Schema {
  const strange = Object.keys(schema).find((keyword) => !compared.has(keyword) && !notes.has(keyword));
  if (strange)
    throw new Error(`schemas/breaks.ts does not know the keyword "${strange}": teach it what a change of it breaks.`);
  if (schema.$ref === undefined) return schema;
  const target = schema.$ref === '#' ? root : root.$defs?.[schema.$ref.replace('#/$defs/', '')];
  if (!target) throw new Error(`There is no ${schema.$ref} in the schema.`);
  return resolved(target, root);
}

function fewest(faults: string[][]): string[] {
  return faults.reduce((least, each) => (each.length < least.length ? each : least));
}

function valuesOf(schema: Schema): Json[] | undefined {
  return schema.const !== undefined ? [schema.const] : schema.enum;
}

function typesOf({ type }: Schema): string[] {
  return type === undefined ? [] : [type].flat();
}

function typeOfValue(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
