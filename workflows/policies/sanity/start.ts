import type { Decision } from '../../../config/decisions.js';
import type { ProbeFigures, RecordFigures } from '../../../config/probing.js';
import { wilson } from '../statistics/interval.js';
import { figure, percent } from '../wording.js';
import { type Cause, named } from './causes.js';
import { stepVerdict } from './step.js';

/** Limits of the probes before training (methods M5). */
const limits = {
  /** Share of rows whose labels are exactly the answer. Below 1 for tokenizers that do not give every text back. */
  exactLabels: 0.95,
  /** Entropy over ln of the vocabulary from which the predictions are those of random weights. Loss alone is no sign: a
   * model that is surely wrong has more than ln of the vocabulary. */
  uniform: 0.9,
  /** Loss, nats a token, below which the untouched model knows the answers. */
  known: 0.01,
  /** Share of answers that break their form, lower bound. */
  truncated: 0.05,
  /** Share of answers that the question alone tells, lower bound; and how far that is above the commonest answer. */
  toldByText: 0.9,
  aboveMajority: 0.1,
};

export type StartVerdict = Decision<Cause | 'healthy' | 'cannotTell'>;

/**
 * Probes 1 to 5 and what the records say, before anything is trained: the first that fails names the fault. Null stands for
 * probes that were not taken; with none taken nothing can be told.
 */
export function startVerdict(
  probes: ProbeFigures | null,
  records: RecordFigures | null,
  freeze: readonly string[] = [],
): StartVerdict {
  const taken = probed(probes, records);
  if (taken === '')
    return {
      verdict: 'cannotTell',
      reason: 'No probe was taken.',
      evidence: {},
      settles: 'Take the probes: some seconds on one process of the trainer.',
    };
  const found =
    collationVerdict(probes) ??
    weightsVerdict(probes) ??
    (probes?.step ? stepVerdict(probes.step, freeze) : null) ??
    recordsVerdict(records);
  if (found) return found;
  const loss = probes?.start?.loss ?? null;
  const atStart = loss === null ? '' : `; the loss at start is ${figure(loss)} nats a token`;
  return {
    verdict: 'healthy',
    reason: `As they should be: ${taken}${atStart}.`,
    evidence: { loss, entropy: probes?.start?.entropy ?? null, relativeUpdate: probes?.step?.relativeUpdate ?? null },
  };
}

/** What was looked at, in words; a trainer may lack some of the probes. */
function probed(probes: ProbeFigures | null, records: RecordFigures | null): string {
  const { labels, template, imageTokens, start, step } = probes ?? {};
  const taken: [string, unknown][] = [
    ['labels', labels],
    ['template', template],
    ['image tokens', imageTokens],
    ['weights', start],
    ['one step', step],
    ['answers', records],
  ];
  return taken.flatMap(([name, figures]) => (figures ? [name] : [])).join(', ');
}

/** Probes 1 to 3. */
function collationVerdict(probes: ProbeFigures | null): StartVerdict | null {
  const { imageTokens, labels, template } = probes ?? {};
  if (imageTokens && (imageTokens.error !== null || imageTokens.equal < imageTokens.records || imageTokens.cut > 0)) {
    const { records, equal, cut, longest, error, ids } = imageTokens;
    const says = error ?? `${equal} of ${records} rows have as many image tokens as features, ${cut} are cut off.`;
    return named(
      'framework:imageTokens',
      `Image tokens and pictures do not fit: ${says}`,
      { records, equal, cut, longest },
      ids,
    );
  }
  if (labels && (labels.empty > 0 || labels.exact < limits.exactLabels * labels.records)) {
    const { records, exact, empty, cut, extra, first, ids } = labels;
    const says = `The loss is carried by exactly the answer and its end token in ${exact} of ${records} rows (${empty} have no label, ${cut} lack a part, ${extra} hold more)`;
    return named('framework:lossMask', `${says}. ${first ?? ''}`.trim(), { records, exact, empty, cut, extra }, ids);
  }
  if (template && template.equal < template.records) {
    const { records, equal, first, ids } = template;
    const says = `The prompt has the same tokens in training and serving in ${equal} of ${records} rows.`;
    return named('framework:template', `${says} ${first ?? ''}`.trim(), { records, equal }, ids);
  }
  return null;
}

/** Probe 4. */
function weightsVerdict(probes: ProbeFigures | null): StartVerdict | null {
  const start = probes?.start;
  if (!start) return null;
  const { loss, entropy, uniform, exact, told, missingWeights, ignoredWeights } = start;
  const evidence = { loss, entropy, uniform, exact, told, missingWeights, ignoredWeights };
  if (missingWeights > 0)
    return named(
      'framework:weights',
      `The model folder lacks ${missingWeights} tensors, which are random now (${ignoredWeights} of its tensors have no place).`,
      evidence,
    );
  if (entropy !== null && entropy > limits.uniform * uniform)
    return named(
      'framework:weights',
      `The untouched model guesses: its entropy is ${figure(entropy)} nats of ${figure(uniform)} (ln of the vocabulary), so its weights were not loaded.`,
      evidence,
    );
  if (loss !== null && loss < limits.known && told >= limits.exactLabels)
    return named(
      'data:imageNotNeeded',
      `The untouched model knows the answers (loss ${figure(loss)}), and ${percent(told)} of the questions hold them: the answer leaks into the prompt.`,
      evidence,
    );
  return null;
}

/** What needs no model. */
function recordsVerdict(records: RecordFigures | null): StartVerdict | null {
  if (!records) return null;
  const { rows, truncated, text } = records;
  if (wilson(truncated.rows, rows).lower > limits.truncated)
    return named(
      'data:truncatedAnswers',
      `${truncated.rows} of ${rows} answers break their own form or end within a word.`,
      { rows, truncated: truncated.rows },
      truncated.ids,
    );
  const told = wilson(text.right, text.judged);
  if (told.lower > limits.toldByText && told.mean > text.majority + limits.aboveMajority)
    return named(
      'data:imageNotNeeded',
      `${text.right} of ${text.judged} answers follow from the question alone, whatever the picture is (${percent(text.majority)} by always giving the commonest).`,
      { judged: text.judged, right: text.right, majority: text.majority },
    );
  return null;
}
