/** The probes of the sanity check: what is asked of the trainer's process and of the records, and what that is called. */
import type { Decision, RecordedDecision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import type { ProbeSpecInput } from '../../config/probing.js';
import type { Datasets, TrainRunResult } from '../../config/steps.js';
import type { Checkpoint, TrainingSpec } from '../../config/training.js';
import { shiftCause } from '../policies/sanity/records.js';
import { startVerdict } from '../policies/sanity/start.js';
import { trainedCause } from '../policies/sanity/trained.js';
import { gpu, vlm } from '../proxies.js';
import type { Step } from '../run/step.js';

/** What was trained and asked. */
interface Asked {
  trained: TrainRunResult;
  checkpoint: Checkpoint;
  repeated: Evaluation;
  /** Of pictures that were not trained on. */
  validation: Evaluation;
  /** What the score alone says. */
  verdict: Decision<string>;
}

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

  /** What the score says, unless a probe names a fault. */
  async judge(asked: Asked): Promise<Decision<string>> {
    return asked.verdict.verdict === 'canRepeat' ? this.learntByHeart(asked) : this.why(asked);
  }

  /** A set with pictures and answers off by one can be repeated all the same; new pictures tell. */
  private async learntByHeart({ repeated, validation, verdict }: Asked): Promise<Decision<string>> {
    const shift = shiftCause(await this.records([repeated.answersUri, validation.answersUri]));
    return shift ? joined(verdict, shift) : verdict;
  }

  /** Why the set is not repeated; where no probe says, what the score alone does. */
  private async why({ trained, checkpoint, repeated, validation, verdict }: Asked): Promise<Decision<string>> {
    const [probes, records] = await Promise.all([
      this.probe({ stage: 'trained', checkpoint: checkpoint.uri, answers: repeated.answersUri }),
      this.records([repeated.answersUri, validation.answersUri]),
    ]);
    const cause = trainedCause({
      probes,
      records,
      losses: trained.points.map(({ losses }) => losses['train'] ?? Number.NaN),
      overfitLoss: this.step.recipe.settings.sanity.probes.overfitLoss,
      chance: this.data.business.largestShare,
    });
    if (cause) return joined(verdict, cause);
    return { ...verdict, reason: `${verdict.reason} No probe names the cause.` };
  }

  private probe(asked: Pick<ProbeSpecInput, 'stage' | 'checkpoint' | 'answers'>) {
    const { recipe } = this.step;
    const { records, overfitSteps: steps, overfitLoss: loss } = recipe.settings.sanity.probes;
    return gpu.probeTraining({
      spec: {
        schema: 'anneal.probe/1',
        ...asked,
        training: this.spec,
        records,
        overfit: { steps, loss },
        maximumTokens: recipe.settings.prompt.decoding.maximumTokens,
      },
      into: `${recipe.runFolder}/probes/${asked.stage}.json`,
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

/** The cause, after what the score alone says. */
function joined(score: Decision<string>, cause: Decision<string>): Decision<string> {
  return { ...cause, reason: `${score.reason} ${cause.reason}`, evidence: { ...score.evidence, ...cause.evidence } };
}
