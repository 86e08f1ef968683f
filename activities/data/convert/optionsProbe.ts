/**
 * Whether options alone tell which is right: a small trained probe, tested on groups that it has not seen (methods M4). It sees
 * place, length, order of size, likeness to the other options and their letters, never the picture or the question.
 */
import type { TaskRecord } from '../../../config/records.js';
import type { ProbeCount } from '../../../workflows/policies/guessability.js';
import { comparable } from '../records/answerText.js';
import { Draws } from './draws.js';
import { writtenNumber } from './forms.js';

export interface ProbeItem {
  /** Items of one group are never trained and tested on at once. */
  group: string;
  options: readonly string[];
  /** Place of the right option. */
  right: number;
}

/** Weights by feature; text features share the hashed rest. */
type Features = readonly (readonly [feature: number, value: number])[];

const blocks = 6;
const passes = 4;
const rate = 0.3;
const decay = 1e-3;
const textFeatures = 4096;
/** Features of place, size and likeness stand before those of text. */
const places = 8;
const named = { length: 8, longest: 9, shortest: 10, likeness: 11, middle: 12, smallest: 13, largest: 14, round: 15 };
const firstText = 16;

/** A variant of multiple choice as an item; null for any other record. */
export function probeItemOf({ answerKind, group, messages }: TaskRecord): ProbeItem | null {
  const [part] = messages.at(-1)?.content ?? [];
  if (answerKind?.kind !== 'choice' || part?.type !== 'text') return null;
  return { group, options: answerKind.options, right: part.text.charCodeAt(0) - 65 };
}

function gramsOf(text: string): Set<string> {
  const padded = `^${comparable(text)}$`;
  const grams = new Set<string>([padded]);
  for (let at = 0; at + 3 <= padded.length; at++) grams.add(padded.slice(at, at + 3));
  return grams;
}

function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return firstText + ((hash >>> 0) % textFeatures);
}

function likeness(one: ReadonlySet<string>, others: readonly ReadonlySet<string>[]): number {
  const shared = others.map((other) => {
    const both = [...one].filter((gram) => other.has(gram)).length;
    return both / (one.size + other.size - both);
  });
  return shared.reduce((sum, share) => sum + share, 0) / Math.max(1, shared.length);
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

/** Place in the order of size and roundness, where every option is a number. */
function numeric(options: readonly string[]): [number, number][][] {
  const numbers = options.map((option) => writtenNumber(option, '.'));
  const values = numbers.flatMap((number) => (number ? [number.count / 10 ** number.decimals] : []));
  if (values.length < options.length) return options.map(() => []);
  const sorted = [...values].sort((a, b) => a - b);
  const round = centred(options.map((option) => /0*$/.exec(option.replace(/\D/g, ''))?.[0].length ?? 0));
  return values.map((value, index) => {
    const order = sorted.indexOf(value);
    const end = order === 0 ? named.smallest : order === values.length - 1 ? named.largest : named.middle;
    return [
      [end, 1],
      [named.round, round[index] ?? 0],
    ];
  });
}

/** What the probe sees of one option before the weights of its letters are known. */
interface Option {
  plain: Features;
  grams: readonly string[];
  hashes: readonly number[];
}

interface Known {
  group: string;
  options: Option[];
  right: number;
}

function optionsOf({ group, options, right }: ProbeItem): Known {
  const lengths = options.map((option) => Math.log(1 + option.length));
  const relative = centred(lengths);
  const grams = options.map(gramsOf);
  const alike = centred(grams.map((own, index) => likeness(own, grams.toSpliced(index, 1))));
  const sizes = numeric(options);
  const seen = options.map((_, index): Option => {
    const own = [...(grams[index] ?? [])];
    const plain: Features = [
      [Math.min(index, places - 1), 1],
      [named.length, relative[index] ?? 0],
      [named.longest, lengths[index] === Math.max(...lengths) ? 1 : 0],
      [named.shortest, lengths[index] === Math.min(...lengths) ? 1 : 0],
      [named.likeness, 3 * (alike[index] ?? 0)],
      ...(sizes[index] ?? []),
    ];
    return { plain, grams: own, hashes: own.map(hashed) };
  });
  return { group, options: seen, right };
}

/** Inverse document frequency of every sequence of letters, an option being a document. */
function idfOf(items: readonly Known[]): (gram: string) => number {
  const found = new Map<string, number>();
  const documents = items.flatMap(({ options }) => options);
  for (const { grams } of documents) for (const gram of grams) found.set(gram, (found.get(gram) ?? 0) + 1);
  return (gram) => (found.has(gram) ? Math.log((1 + documents.length) / (1 + (found.get(gram) ?? 0))) : 0);
}

function featuresOf({ options }: Known, idf: (gram: string) => number): Features[] {
  return options.map(({ plain, grams, hashes }) => {
    const values = grams.map(idf);
    const norm = Math.hypot(...values) || 1;
    return [...plain, ...hashes.map((hash, index) => [hash, (values[index] ?? 0) / norm] as const)];
  });
}

const scoreOf = (weights: Float64Array, features: Features) =>
  features.reduce((sum, [feature, value]) => sum + (weights[feature] ?? 0) * value, 0);

/** Logistic regression over the options of an item, by AdaGrad. */
function trainProbe(items: readonly { features: Features[]; right: number }[], draws: Draws): Float64Array {
  const weights = new Float64Array(firstText + textFeatures);
  const squares = new Float64Array(weights.length).fill(1e-2);
  for (let pass = 0; pass < passes; pass++)
    for (const { features, right } of draws.shuffled(items)) {
      const scores = features.map((option) => scoreOf(weights, option));
      const highest = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - highest));
      const sum = shares.reduce((total, share) => total + share, 0);
      for (const [place, option] of features.entries()) {
        const error = (shares[place] ?? 0) / sum - (place === right ? 1 : 0);
        for (const [feature, value] of option) {
          const slope = error * value + decay * (weights[feature] ?? 0);
          squares[feature] = (squares[feature] ?? 0) + slope * slope;
          weights[feature] = (weights[feature] ?? 0) - (rate * slope) / Math.sqrt(squares[feature] ?? 1);
        }
      }
    }
  return weights;
}

function predict(weights: Float64Array, features: readonly Features[]): number {
  const scores = features.map((option) => scoreOf(weights, option));
  return scores.indexOf(Math.max(...scores));
}

/** The share that is right by always naming the commonest right text, or by drawing one option. */
function chanceOf(items: readonly ProbeItem[]): number {
  const counts = new Map<string, number>();
  for (const { options, right } of items) {
    const text = comparable(options[right] ?? '');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const drawn = items.reduce((sum, { options }) => sum + 1 / options.length, 0);
  return Math.max(drawn, ...counts.values()) / Math.max(1, items.length);
}

/**
 * How often the probe finds the right option. Groups are dealt into blocks; each block is asked by a probe trained on
 * those before it, and the first is only trained on. So, in a fair set, an item is found by chance whatever the probe has
 * learnt, and a binomial test is exact. Cross-validation is not: alike items help each other from one another's training
 * folds, and over 60 fair sets the variance of its share right was 1.5 times the binomial one.
 */
export function probeOptions(items: readonly ProbeItem[], seed: number): ProbeCount {
  const chance = chanceOf(items);
  const groups = new Draws(seed, 'blocks').shuffled([...new Set(items.map(({ group }) => group))].sort());
  if (groups.length < blocks) return { right: 0, n: 0, chance };
  const blockOf = new Map(groups.map((group, index) => [group, Math.floor((index * blocks) / groups.length)]));
  const known = items.map(optionsOf);
  const count: ProbeCount = { right: 0, n: 0, chance };
  for (let block = 1; block < blocks; block++) {
    const train = known.filter(({ group }) => (blockOf.get(group) ?? 0) < block);
    const idf = idfOf(train);
    const seen = train.map((item) => ({ features: featuresOf(item, idf), right: item.right }));
    const weights = trainProbe(seen, new Draws(seed, 'fit', block));
    const asked = known.filter(({ group }) => blockOf.get(group) === block);
    count.right += asked.filter((item) => predict(weights, featuresOf(item, idf)) === item.right).length;
    count.n += asked.length;
  }
  return count;
}
