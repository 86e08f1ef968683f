/** Samples a second of the trainer beside a bare PyTorch loop and other trainers, on the same records and pictures (R11). */
import path from 'node:path';
import { problem } from '../config/problems.js';
import { TrainingSpec } from '../config/training.js';
import { splitUri } from '../workflows/plan.js';
import { bench, type Measured, machineText, positive, tell } from './lib/bench.js';
import { prepareTask } from './lib/preparedTask.js';
import { percent } from './lib/table.js';
import { type Workbench, workbenchHere } from './lib/workbench.js';
import { type PeerName, peerNames, peerPython, peers, removePeer } from './loaders/peers.js';
import {
  type Arm,
  type FirstBatch,
  type Run,
  runBare,
  runLlamaFactory,
  runMsSwift,
  runOurs,
} from './throughput/arms.js';

const about = `Trains the embedded model on examples/digits for one epoch, so that every picture is read and encoded once: by the trainer, by a
bare PyTorch loop with the same collation, and by LLaMA-Factory and ms-swift where they are named, each in an environment of its
own (several GB). Float32, equal batches, no evaluation; the first two steps and the last one are not counted. The order turns
round from pair to pair.

  NAMES         llama-factory, ms-swift, to measure them too
  --pairs N     so many rounds (5)
  --batch N     records a step (32)
  --records N   that many records only, to see whether all of it runs (all of them)
  --keep        keep the environments of the other trainers, in the user's cache`;

/** The share of the bare loop's speed that the trainer must reach at least. */
const aim = 0.85;
const runPeer = { 'llama-factory': runLlamaFactory, 'ms-swift': runMsSwift } satisfies Record<PeerName, unknown>;

await bench(
  {
    name: 'throughput',
    about,
    options: {
      pairs: { type: 'string', default: '5' },
      batch: { type: 'string', default: '32' },
      records: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  },
  async ({ values, names, folder, interrupted }) => {
    const wanted = names.map(peerNamed);
    const workbench = await workbenchHere({ interrupted, tell });
    const limit = values.records === undefined ? undefined : positive('--records', values.records);
    const work = await workOf(workbench, folder, { batchSize: positive('--batch', values.batch), limit });
    const arms: Record<string, Arm> = {
      trainer: (into) => runOurs(workbench, work, into),
      'bare loop': (into) => runBare(workbench.side, work, into),
    };
    for (const name of wanted) {
      const python = await peerPython(name);
      arms[peers[name].title] = (into) => runPeer[name](python, work, into);
    }
    const runs = await rounds(arms, positive('--pairs', values.pairs), folder);
    if (!values.keep) await Promise.all(wanted.map(removePeer));
    return measured(runs);
  },
);

function peerNamed(name: string): PeerName {
  const found = peerNames.find((each) => each === name);
  if (found) return found;
  throw problem('InvalidInput', {
    what: `There is no trainer "${name}" to compare with.`,
    where: 'npm run bench -- throughput NAMES',
    todo: `Name some of ${peerNames.join(', ')}, or none.`,
  });
}

/** The spec that all arms train by: one epoch of the task's training records, and nothing else. */
async function workOf(
  workbench: Workbench,
  folder: string,
  { batchSize, limit }: { batchSize: number; limit: number | undefined },
): Promise<TrainingSpec> {
  const { recipe, data } = await prepareTask(workbench, 'examples/digits', folder);
  return TrainingSpec.parse({
    schema: 'anneal.training/1',
    key: 'throughput',
    model: recipe.model.uri,
    train: {
      business: { uri: splitUri(data.business, 'train'), limit },
      mix: { business: 1, generic: 0 },
    },
    evaluate: {},
    learningRate: 1e-4,
    schedule: 'constant',
    warmupRatio: 0,
    epochs: 1,
    batchSize,
    evaluationsPerEpoch: 1,
    precision: 'float32',
  });
}

type Runs = Record<string, Run[]>;

async function rounds(arms: Record<string, Arm>, pairs: number, folder: string): Promise<Runs> {
  const runs: Runs = Object.fromEntries(Object.keys(arms).map((name) => [name, []]));
  for (let round = 0; round < pairs; round += 1) {
    const order = Object.entries(arms);
    for (const [name, arm] of round % 2 === 0 ? order : order.reverse()) {
      const run = await arm(path.join(folder, `${round}-${name.replace(/\W/g, '-')}`));
      tell(`round ${round + 1}, ${name}: ${run.samplesPerSecond.toFixed(1)} samples/s`);
      runs[name]?.push(run);
    }
    refuseUnlike(Object.entries(runs).map(([name, those]) => [name, those[round]?.first]));
  }
  return runs;
}

/** Arms that compute something else are not compared. Padding and what a template writes around a text may differ. */
function refuseUnlike(arms: readonly [name: string, first: FirstBatch | undefined][]): void {
  const texts = arms.flatMap(([name, first]) => {
    if (!first) return [];
    const { tokens: _, ...same } = first;
    return [{ name, text: JSON.stringify(same) }];
  });
  const other = texts.find(({ text }) => text !== texts[0]?.text);
  if (other)
    throw problem('InvalidInput', {
      what: `${other.name} trains on ${other.text}, ${texts[0]?.name} on ${texts[0]?.text}.`,
      where: 'the first step of each',
      todo: 'Give both the same settings in bench/throughput/arms.ts.',
    });
}

function measured(runs: Runs): Measured {
  const { trainer = [], 'bare loop': bare = [] } = runs;
  const ratios = (others: readonly Run[]) =>
    trainer.map(({ samplesPerSecond }, round) => samplesPerSecond / (others[round]?.samplesPerSecond ?? Number.NaN));
  const toBare = median(ratios(bare));
  const ahead = Object.entries(runs).filter(([name]) => name !== 'trainer' && name !== 'bare loop');
  const slower = ahead.filter(([, others]) => median(ratios(others)) <= 1).map(([name]) => name);
  const others = ahead.map(([name, those]) => `${median(ratios(those)).toFixed(2)} times as fast as ${name}`);
  return {
    columns: ['Trainer', 'Samples/s', 'Lowest to highest', 'Ours over it, by round'],
    rows: Object.entries(runs).map(([name, those]) => {
      const speeds = those.map(({ samplesPerSecond }) => samplesPerSecond);
      return [
        name,
        median(speeds).toFixed(1),
        `${Math.min(...speeds).toFixed(1)} to ${Math.max(...speeds).toFixed(1)}`,
        name === 'trainer'
          ? ''
          : ratios(those)
              .map((ratio) => ratio.toFixed(2))
              .join(', '),
      ];
    }),
    claim: `The trainer reaches ${percent(toBare)} of the bare loop's speed (${percent(aim)} at least)${others.length > 0 ? ` and is ${others.join(' and ')}` : ''}; medians of ${trainer.length} rounds. ${machineText(trainer[0]?.device ?? null)}`,
    holds: toBare >= aim && slower.length === 0,
    facts: { runs },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
