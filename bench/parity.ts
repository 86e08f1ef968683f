/** Parity: the trainer and the server that would serve its model give the same answers; a wrong adapter is found out. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toPath } from '../activities/storage/files.js';
import { problem } from '../config/problems.js';
import { TrainingSpec } from '../config/training.js';
import { bench, type Measured, machineText, positive, tell } from './lib/bench.js';
import { type FinishedRun, finishedRun, splitOf } from './lib/finishedRun.js';
import { type Gated, gated, type Offline, offlineAnswers, type ProbeSet, servedAnswers } from './lib/probes.js';
import { type Workbench, workbenchHere } from './lib/workbench.js';

const about = `Puts the run's held-out items to the trainer's own code and to a real server: first with the run's model, then with a
LoRA adapter that is trained for a few steps and merged as it should be, at four times its scale, and not at all.

  RUN_FOLDER     the run; the newest one here that trained a model when left out
  --probes N     items that both are asked (300)`;

interface Case extends Gated {
  name: string;
  /** What the gate must say. */
  expected: 'equal' | 'differs';
}

await bench(
  { name: 'parity', about, options: { probes: { type: 'string', default: '300' } } },
  async ({ values, names, folder, interrupted }) => {
    const run = await finishedRun(names[0]);
    const workbench = await workbenchHere({ interrupted, tell });
    const set = probeSetOf(run, positive('--probes', values.probes));
    const at = path.join(folder, run.run);
    const own = await ownModel(workbench, run, set, path.join(at, 'model'));
    const { adapter, device } = await trainAdapter(workbench, run, path.join(at, 'adapter'));
    const adapted = await adapterCases(workbench, run, set, { adapter, folder: at });
    return measured([own, ...adapted], device);
  },
);

function probeSetOf(run: FinishedRun, probes: number): ProbeSet {
  const { task, settings } = run.recipe;
  return {
    setUri: splitOf(run.business, 'test'),
    probes,
    seed: settings.seed,
    prompt: task.prompt,
    answer: task.answer,
    decoding: settings.prompt.decoding,
    concurrency: settings.prompt.concurrency,
    agreement: settings.evaluation.parityAgreement,
  };
}

async function ownModel(workbench: Workbench, run: FinishedRun, set: ProbeSet, folder: string): Promise<Case> {
  const model = run.result?.modelUri;
  if (run.result?.kind !== 'model' || !model) {
    throw problem('InvalidInput', {
      what: 'The run trained no model.',
      where: run.folder,
      todo: 'Name a run that did, such as one of examples/digits.',
    });
  }
  tell('the model of the run');
  const offline = await offlineAnswers(workbench, set, { model, adapter: null }, folder);
  const served = await servedAnswers(workbench, set, model, folder);
  return { name: 'the model of the run', expected: 'equal', ...(await gated(set, offline, served)) };
}

/** A short training: enough for answers that differ from the base's. */
async function trainAdapter(workbench: Workbench, run: FinishedRun, folder: string) {
  const spec = TrainingSpec.parse({
    schema: 'anneal.training/1',
    key: 'parity/adapter',
    model: run.recipe.model.uri,
    train: {
      business: { uri: splitOf(run.business, 'train'), phrasings: [run.recipe.task.prompt.template] },
      mix: { business: 1, generic: 0 },
    },
    evaluate: { validation: { uri: splitOf(run.business, 'validation'), limit: 32 } },
    method: 'lora',
    learningRate: 5e-3,
    epochs: 6,
    batchSize: 32,
    evaluationsPerEpoch: 1,
    keepCheckpoints: 1,
    seed: run.recipe.settings.seed,
  });
  const { checkpoints, failed, device } = await workbench.train(spec, folder);
  const last = checkpoints.at(-1);
  if (last) return { adapter: toPath(last.uri), device };
  throw problem('TrainingFailed', {
    what: `The adapter could not be trained: ${failed ?? 'there is no checkpoint'}.`,
    where: path.join(folder, 'log.txt'),
    todo: 'Read the end of that log.',
  });
}

async function adapterCases(
  workbench: Workbench,
  run: FinishedRun,
  set: ProbeSet,
  { adapter, folder }: { adapter: string; folder: string },
): Promise<Case[]> {
  const base = run.recipe.model.uri;
  const offline: Offline = { model: base, adapter };
  const trainer = await offlineAnswers(workbench, set, offline, path.join(folder, 'adapter-offline'));
  const wrong = await louder(adapter, path.join(folder, 'adapter-louder'));
  const merged = async (name: string, of: string) => {
    const into = path.join(folder, name);
    return (await workbench.mergeAdapter({ model: base, adapter: of, into })).modelUri;
  };
  const served = [
    { name: 'an adapter, merged', expected: 'equal', model: await merged('merged', adapter) },
    { name: 'merged at four times its scale', expected: 'differs', model: await merged('merged-louder', wrong) },
    { name: 'not merged: the base is served', expected: 'differs', model: base },
  ] as const;
  const cases: Case[] = [];
  for (const [index, { name, expected, model }] of served.entries()) {
    tell(name);
    const answers = await servedAnswers(workbench, set, model, path.join(folder, `adapter-served-${index}`));
    cases.push({ name, expected, ...(await gated(set, trainer, answers)) });
  }
  return cases;
}

/** A copy of the adapter whose configuration says four times its alpha: merged, everything it learnt counts four times. */
async function louder(adapter: string, into: string): Promise<string> {
  await rm(into, { recursive: true, force: true });
  await cp(adapter, into, { recursive: true });
  const file = path.join(into, 'adapter_config.json');
  const config = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...config, lora_alpha: 4 * config.lora_alpha }));
  return into;
}

function measured(cases: Case[], device: string | null): Measured {
  const right = cases.filter(({ gate, expected }) => gate.verdict === expected).length;
  return {
    columns: ['Machine', 'What is served', 'Probes', 'Equal', 'Score of trainer', 'Score of server', 'Gate'],
    rows: cases.map(({ name, parity, gate }) => [
      machineText(device),
      name,
      `${parity.probes}`,
      `${parity.agree}`,
      parity.trainerScore.toFixed(3),
      parity.servedScore.toFixed(3),
      gate.verdict,
    ]),
    claim: `The gate is right ${right} of ${cases.length} times: equal with the right model, differs with a wrong adapter.`,
    holds: right === cases.length,
    facts: cases,
  };
}
