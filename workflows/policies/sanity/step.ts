import type { Decision } from '../../../config/decisions.js';
import type { ProbeFigures } from '../../../config/probing.js';
import { figure } from '../wording.js';
import { type Cause, named } from './causes.js';

type Step = NonNullable<ProbeFigures['step']>;

/**
 * Norm of one step over the norm of the weights. R8's 1e-5 gives about 3e-4 with weights of 0.03; below the smaller one
 * float32 hardly moves (its resolution is 6e-8 of a weight), above the larger one a step replaces the weights.
 */
const update = { least: 1e-6, most: 1 };

/** Probe 5 (`freeze`: parts that the settings leave as they are): gradients where something is trained, none where it is frozen, and a step that changes what it should. */
export function stepVerdict(
  { groups, relativeUpdate, loss }: Step,
  freeze: readonly string[] = [],
): Decision<Cause> | null {
  const trained = groups.filter(({ trainable }) => trainable > 0);
  const hasAdapter = groups.some(({ name }) => name === 'adapter');
  const evidence = {
    loss,
    relativeUpdate,
    ...Object.fromEntries(groups.map(({ name, gradientNorm }) => [`gradient ${name}`, gradientNorm])),
  };
  const frozen = (what: string) => named('framework:frozen', what, evidence);
  const bad = trained.find(({ gradientNorm }) => gradientNorm === null);
  if (bad || loss === null)
    return named(
      'framework:optimisation',
      `Loss or gradient of the first step is no number (${bad?.name ?? 'loss'}).`,
      evidence,
    );
  if (trained.length === 0) return frozen('Nothing is trained: every tensor is frozen.');
  const still = trained.find(({ gradientNorm }) => gradientNorm === 0);
  if (still) return frozen(`The ${still.name} part is trained and gets no gradient: it is cut off from the loss.`);
  const shut = groups.find(({ name, trainable }) => trainable === 0 && !freeze.includes(name));
  const meant = groups.find(({ name, trainable }) => trainable > 0 && freeze.includes(name));
  if (meant) return frozen(`The ${meant.name} part is trained, though training.freeze names it.`);
  if (!hasAdapter && shut) return frozen(`The ${shut.name} part is frozen, though all weights are to be trained.`);
  const loose = groups.find(({ trainable, moved }) => trainable === 0 && moved > 0);
  if (loose) return frozen(`The ${loose.name} part is frozen, and the step changed it.`);
  const size = relativeUpdate ?? Number.POSITIVE_INFINITY;
  if (size >= update.least && size <= update.most) return null;
  return named(
    'framework:learningRate',
    `One step changes the weights by ${figure(size)} of their size: ${size < update.least ? 'the rate is far too low' : 'the rate is far too high'}.`,
    evidence,
  );
}
