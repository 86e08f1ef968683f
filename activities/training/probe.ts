/** The sanity check's probes (R9, methods M5), by the trainer's own process: model, template and rate as they are trained. */
import { ProbeFigures, ProbeSpec, type ProbeSpecInput } from '../../config/probing.js';
import { runTool } from '../processes/tools.js';
import { readJson, toPath, writeJson } from '../storage/files.js';
import type { TrainingDeps } from './deps.js';

export interface ProbeInput {
  spec: ProbeSpecInput;
  /** URI of the file of figures. The same spec finds what was taken before. */
  into: string;
}

/** Throws `TrainingFailed` when the command gives up: the training itself would go the same way. */
export async function probeTraining(deps: TrainingDeps, { spec, into }: ProbeInput): Promise<ProbeFigures> {
  const output = toPath(into);
  const asked = ProbeSpec.parse(spec);
  const file = `${output}.spec.json`;
  await writeJson(file, asked);
  const todo = 'Read the end of that log; with sanity.probes.use = false the run goes on without probes.';
  const refusal = { type: 'TrainingFailed', todo } as const;
  await runTool(deps, deps, { name: 'probe', arguments: ['--spec', file], inputs: [asked], output, refusal });
  return ProbeFigures.parse(await readJson(output));
}
