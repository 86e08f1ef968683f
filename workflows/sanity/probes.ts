/** The probes of the sanity check: what is asked of the trainer's process and of the records, and what that is called. */
import type { Decision, RecordedDecision } from '../../config/decisions.js';
import type { ProbeSpecInput } from '../../config/probing.js';
import type { Datasets } from '../../config/steps.js';
import type { TrainingSpec } from '../../config/training.js';
import { judgeTrained, wantsProbes } from '../policies/sanity/judge.js';
import { startVerdict } from '../policies/sanity/start.js';
import { modelWork, vlm } from '../proxies.js';
import type { Step } from '../run/step.js';
import type { Repeated } from './repeat.js';

export class Probes {
  private readonly step: Step;
  private readonly data: Datasets;
  private readonly spec: TrainingSpec;

  constructor(step: Step, data: Datasets, spec: TrainingSpec) {
    this.step = step;
    this.data = data;
    this.spec = spec;
  }

  /** Whether they are taken. Runs of before have a recipe whose trainer has none, so that they replay as they were. */
  get taken(): boolean {
    const { settings, trainer } = this.step.recipe;
    return settings.sanity.probes?.use === true && trainer.probes === true;
  }

  /** Before anything is trained: seconds, where a fault of the set-up would cost a training. */
  async start(): Promise<RecordedDecision> {
    const [probes, records] = await Promise.all([this.probe({ stage: 'start' }), this.records([])]);
    return this.step.decide('sanityCheck/start', ['R9'], startVerdict(probes, records, this.spec.freeze));
  }

  /** What the score says, unless a probe names a fault; `name` is that of the file of figures. */
  async judge(
    name: 'trained' | 'trained-longer',
    { trained, checkpoint, repeated, validation, verdict }: Repeated,
  ): Promise<Decision<string>> {
    if (!this.taken) return verdict;
    const ask = { stage: 'trained' as const, checkpoint: checkpoint.uri, answers: repeated.answersUri };
    const [probes, records] = await Promise.all([
      wantsProbes(verdict) ? this.probe(ask, name) : null,
      this.records([repeated.answersUri, validation.answersUri]),
    ]);
    return judgeTrained(verdict, {
      probes,
      records,
      losses: trained.points.map(({ losses }) => losses['train'] ?? Number.NaN),
      overfitLoss: this.step.recipe.settings.sanity.probes.overfitLoss,
      chance: this.data.business.largestShare,
    });
  }

  private probe(asked: Pick<ProbeSpecInput, 'stage' | 'checkpoint' | 'answers'>, name: string = asked.stage) {
    const { recipe } = this.step;
    const { records, overfitSteps: steps, overfitLoss: loss } = recipe.settings.sanity.probes;
    return modelWork.probeTraining({
      spec: {
        schema: 'anneal.probe/1',
        ...asked,
        training: this.spec,
        records,
        overfit: { steps, loss },
        maximumTokens: recipe.settings.prompt.decoding.maximumTokens,
      },
      into: `${recipe.runFolder}/probes/${name}.json`,
    });
  }

  private records(answersUris: string[]) {
    const { recipe } = this.step;
    const { settings, task } = recipe;
    return vlm.probeRecords({
      datasetUri: this.data.business.uri,
      limit: settings.sanity.maximumExamples,
      seed: settings.seed,
      answer: task.answer,
      answersUris,
    });
  }
}
