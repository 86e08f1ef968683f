/** The stages of a run trained again: with other shares of generic data, or as one stage. */
import path from 'node:path';
import { readJson } from '../../activities/storage/files.js';
import { problem } from '../../config/problems.js';
import type { MixRatio } from '../../config/settings.js';
import { TrainingSpec } from '../../config/training.js';
import { epochsUntil } from './events.js';
import { type FinishedRun, jobFolderOf } from './finishedRun.js';
import type { Workbench } from './workbench.js';

export interface Stage {
  name: string;
  spec: TrainingSpec;
  /** Passes over the business data. */
  epochs: number;
}

export interface Arm {
  /** Also the name of its folder. */
  name: string;
  mix: MixRatio;
  /** All passes as the first stage has them, in place of one stage after another. */
  single: boolean;
}

export interface ArmWish {
  arm: Arm;
  seed: number;
  stages: readonly Stage[];
  /** Base model. */
  model: string;
  folder: string;
}

/**
 * The trainings that led to the run's model: the mix that was chosen, then the coarse and the fine stage, each as long as it
 * was before the next one went on from it. Throws InvalidInput for a run without them or without generic data.
 */
export async function stagesOf(run: FinishedRun): Promise<Stage[]> {
  const ratio = run.decisions.find(({ id }) => id === 'mixGeneric')?.verdict;
  const chosen = ({ name, mix }: FinishedRun['trainings'][number]) =>
    name === 'coarse' || name === 'fine' || (name.startsWith('mix/') && mix === ratio);
  const stages = await Promise.all(
    run.trainings.filter(chosen).map(async (training) => {
      const folder = jobFolderOf(training);
      const spec = TrainingSpec.parse(await readJson(path.join(folder, 'spec.json')));
      return { name: training.name, spec, epochs: await epochsUntil(folder, training.chosenStep) };
    }),
  );
  if (stages.length === 3 && stages.every(({ spec }) => spec.train.generic)) return stages;
  throw problem('InvalidInput', {
    what: 'The run did not train a mix with generic data, a coarse and a fine stage.',
    where: run.folder,
    todo: 'Name a run of examples/digits that trained to its end.',
  });
}

/** Makes the stages shorter or longer, so that they are `epochs` in all. */
export function scaledTo(stages: readonly Stage[], epochs: number): Stage[] {
  return stages.map((stage) => ({ ...stage, epochs: (stage.epochs * epochs) / epochsOf(stages) }));
}

/**
 * Trains one arm to a whole model: all arms see each business record equally often, and those of as many
 * stages in the same phrasings, at the same rates.
 * No watchdog: it would end the arm without generic data first. Throws TrainingFailed.
 */
export async function trainArm(
  workbench: Workbench,
  { arm, seed, stages, model, folder }: ArmWish,
): Promise<{ model: string; device: string | null }> {
  const at = path.join(folder, `${arm.name}-${seed}`);
  let from = model;
  let device: string | null = null;
  for (const { name, spec, epochs } of arm.single ? asOne(stages) : stages) {
    const part = name.replaceAll('/', '-');
    const own = armSpec(spec, arm.mix, { seed, epochs, model: from, key: `${arm.name}-${seed}/${part}` });
    const trained = await workbench.train(own, path.join(at, part));
    const last = trained.checkpoints.at(-1);
    if (last === undefined) throw trainingFailed(path.join(at, part), trained.failed);
    from = last.uri;
    device = trained.device;
  }
  const method = stages[0]?.spec.method === 'lora' ? 'lora' : 'full';
  const whole = await workbench.exportModel({ model, checkpoint: from, method, into: path.join(at, 'model') });
  return { model: whole.uri, device };
}

function asOne(stages: readonly Stage[]): Stage[] {
  return stages.slice(0, 1).map((first) => ({ ...first, epochs: epochsOf(stages) }));
}

/** Passes over the business data in all. */
export function epochsOf(stages: readonly Stage[]): number {
  return stages.reduce((sum, { epochs }) => sum + epochs, 0);
}

type Change = Pick<TrainingSpec, 'seed' | 'epochs' | 'model' | 'key'>;

function armSpec(spec: TrainingSpec, mix: MixRatio, change: Change): TrainingSpec {
  const { generic, ...business } = spec.train;
  const train = { ...business, mix, ...(mix.generic > 0 ? { generic } : {}) };
  return TrainingSpec.parse({ ...spec, ...change, train, evaluationsPerEpoch: 1, keepCheckpoints: 2 });
}

function trainingFailed(folder: string, failed: string | null): Error {
  return problem('TrainingFailed', {
    what: `A training did not work: ${failed ?? 'it left no checkpoint'}.`,
    where: path.join(folder, 'log.txt'),
    todo: 'Read the end of that log.',
  });
}
