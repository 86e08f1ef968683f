import type { GenericWish } from '../config/genericSources.js';
import { QualitySettings } from '../config/quality.js';
import type { DataSource } from '../config/resolved.js';
import { type BuiltData, StepInput } from '../config/steps.js';
import { datasetGate } from './policies/datasetGate.js';
import { data, hub } from './proxies.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';

/** R4, R7: read, check and split the records of a task and its generic data; no model is called. */
export async function buildDataset(given: StepInput): Promise<BuiltData> {
  const input = stepInput(StepInput, given);
  const step = new Step('buildDataset', input);
  const { settings, model, business, generic, genericSources = [], runFolder } = step.recipe;
  const common = { model, settings: settings.data, seed: settings.seed, into: `${runFolder}/../../datasets` };
  const buildGeneric = async (source: DataSource) =>
    data.buildDatasetFolder({ ...common, source: await withFetched(source, genericSources) });
  // A recipe that an earlier version resolved names no stage between.
  const leastQualities = (settings.stages.between ?? [])
    .map(({ leastQuality }) => leastQuality)
    .filter((each) => each > 0);
  const [businessRef, genericRef] = await Promise.all([
    data.buildDatasetFolder({ ...common, source: business, ...(leastQualities.length > 0 ? { leastQualities } : {}) }),
    generic ? buildGeneric(generic) : null,
  ]);
  const limits = {
    maximumRejected: settings.data.maximumRejected,
    minimumTrain: 20,
    minimumTest: 20,
    leastOfStage: QualitySettings.parse(settings.data.quality).fineLeast,
  };
  const decision = await step.decide('buildDataset', ['R4', 'R7'], datasetGate(businessRef, limits));
  return { business: businessRef, generic: genericRef, decision };
}

/** The generic data of a task with that of the sources it names, which lie on this machine from now on (R12). */
async function withFetched(source: DataSource, wishes: readonly GenericWish[]): Promise<DataSource> {
  if (wishes.length === 0) return source;
  const fetched = await Promise.all(wishes.map((wish) => hub.fetchGenericSource(wish)));
  return {
    ...source,
    files: [...source.files, ...fetched.flatMap(({ files }) => files)],
    terms: fetched.map(({ terms }) => terms),
  };
}
