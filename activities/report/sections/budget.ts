/** What was foreseen beside what it took, and what was spent of the budget. */
import type { ReportFacts } from '../../../config/report.js';
import { type CapName, capNames } from '../../../workflows/policies/budget/spending.js';
import { count, duration, figure } from '../format.js';
import { type Html, html } from '../html.js';
import { stepWord } from '../words.js';
import { pairs, table } from './parts.js';

/** Which step trains, by the name of a training. */
const trainedBy: [RegExp, string][] = [
  [/^sanity(\/longer)?$/, 'sanityCheck'],
  [/^sweep\//, 'sweep'],
  [/^mix\//, 'mixGeneric'],
  [/^(coarse|fine|stages\/.+)$/, 'trainStaged'],
];

/** The estimate of before the first training, an upper bound, beside what the trainings of each step took. */
export function estimateBesideActual({ estimate, trainings }: ReportFacts): Html | null {
  if (!estimate) return null;
  const { stages, samplesPerSecond } = estimate;
  const rows = stages.map(({ name, samples }) => {
    const own = trainings.filter((training) =>
      trainedBy.some(([form, step]) => step === name && form.test(training.name)),
    );
    const seconds = own.reduce((sum, training) => sum + training.seconds, 0);
    return { name, samples, most: samplesPerSecond === null ? null : samples / samplesPerSecond, seconds, own };
  });
  const cells = rows.map(({ name, samples, most, seconds, own }) => [
    stepWord(name),
    count(samples),
    most === null ? 'not known' : duration(most),
    own.length === 0 ? '–' : duration(seconds),
  ]);
  return html`<h3>Estimate and actual</h3><p>Training at most, as estimated before the first one (speed: ${estimate.speed}), and what it took.</p>${table(['Step', 'Samples at most', 'Time at most', 'Time taken'], cells)}`;
}

/** Each cap with what was spent of it; without a cap, what was spent. */
export function budgetSpent({ budget }: ReportFacts): Html | null {
  if (!budget) return null;
  const { caps, spent } = budget;
  const entries = (Object.keys(capNames) as CapName[]).flatMap((name): [string, string][] => {
    const so = spent[name];
    if (so === null) return [];
    const cap = caps[name];
    return [
      [`Budget, ${capNames[name]}`, cap === undefined ? `${figure(so)}, no cap` : `${figure(so)} of ${figure(cap)}`],
    ];
  });
  return pairs(entries);
}
