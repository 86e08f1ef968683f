/** Averages of a base and its tuned form (R12): what each would score, and the one that was chosen as a folder. */
import { AverageScore, AveragesFigures, type AveragesSpec } from '../../config/averaging.js';
import { pairedLosses } from '../../workflows/policies/statistics/pairedLosses.js';
import { runTool } from '../processes/tools.js';
import { readJson, toPath, toUri, writeJson } from '../storage/files.js';
import type { TrainingDeps } from './deps.js';

export interface AveragesInput {
  spec: AveragesSpec;
  /** URI of the file of figures, with the losses by item. The same spec finds what was measured before. */
  into: string;
}

const todo = 'Read the end of that log; with mix.averaging = [] the run goes on without averages.';
const refusal = { type: 'TrainingFailed', todo } as const;

type Figures = AveragesFigures['averages'][number];

/** Base, tuned form and every average on the training's held-out sets. Throws `TrainingFailed` when the command gives up. */
export async function measureAverages(deps: TrainingDeps, { spec, into }: AveragesInput): Promise<AverageScore[]> {
  const output = toPath(into);
  const file = `${output}.spec.json`;
  await writeJson(file, spec);
  await runTool(deps, deps, { name: 'averages', arguments: ['--spec', file], inputs: [spec], output, refusal });
  const { averages } = AveragesFigures.parse(await readJson(output));
  const [base, tuned] = [0, 1].map((share) => averages.find((each) => each.share === share));
  return averages.map((each) =>
    AverageScore.parse({
      share: each.share,
      losses: each.losses,
      exact: each.exact,
      fromBase: changesFrom(base, each),
      fromTuned: changesFrom(tuned, each),
    }),
  );
}

function changesFrom(from: Figures | undefined, to: Figures): AverageScore['fromBase'] {
  const sets = Object.entries(to.itemLosses);
  return Object.fromEntries(sets.map(([set, items]) => [set, pairedLosses(from?.itemLosses[set] ?? {}, items)]));
}

export interface WriteAverageInput {
  /** Folder of the base model, as a path or URI; so are the others. */
  base: string;
  tuned: string;
  share: number;
  into: string;
}

/** Writes the average as a model, or as an adapter where the tuned form is one. Made once. */
export async function writeAverage(deps: TrainingDeps, { base, tuned, share, into }: WriteAverageInput) {
  const output = toPath(into);
  const parts = ['--model', toPath(base), '--tuned', toPath(tuned), '--share', String(share)];
  await runTool(deps, deps, { name: 'interpolate', arguments: parts, output, refusal });
  return { uri: toUri(output) };
}
