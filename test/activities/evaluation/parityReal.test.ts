import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endLocalProcesses } from '../../../activities/processes/living.js';
import { toPath } from '../../../activities/storage/files.js';
import { prepareTask } from '../../../bench/lib/preparedTask.js';
import { gated, offlineAnswers, type ProbeSet, servedAnswers } from '../../../bench/lib/probes.js';
import { createWorkbench } from '../../../bench/lib/workbench.js';
import { splitUri } from '../../../workflows/plan.js';
import { python } from '../tinyModel.js';

const task = fileURLToPath(new URL('../../../examples/shapes', import.meta.url));
const workbench = createWorkbench({ python, interrupted: new AbortController().signal, tell: () => undefined });
let folder: string;
let model: string;
let set: ProbeSet;
let served: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'anneal-parity-'));
  const { recipe, data } = await prepareTask(workbench, task, folder);
  const { prompt, evaluation, seed } = recipe.settings;
  const { decoding, concurrency } = prompt;
  set = {
    setUri: splitUri(data.business, 'test'),
    probes: evaluation.parityProbes,
    seed,
    prompt: recipe.task.prompt,
    answer: recipe.task.answer,
    decoding,
    concurrency,
    agreement: evaluation.parityAgreement,
  };
  model = toPath(recipe.model.uri);
  served = await servedAnswers(workbench, set, model, path.join(folder, 'served'));
}, 300_000);

afterAll(async () => {
  await endLocalProcesses(folder, 'kill');
  await rm(folder, { recursive: true });
});

describe('the parity gate on 300 probes of the embedded model', () => {
  it('says equal of the same model in the trainer and behind a server', async () => {
    const offline = await offlineAnswers(workbench, set, { model, adapter: null }, path.join(folder, 'right'));
    const { parity, gate } = await gated(set, offline, served);
    expect(gate).toMatchObject({ verdict: 'equal', evidence: { probes: 300, needed: 300 } });
    expect(Math.min(parity.trainerScore, parity.servedScore)).toBeGreaterThan(0.9);
  }, 300_000);

  it('says differs when the trainer has an adapter that the server does not', async () => {
    const adapter = path.join(folder, 'adapter');
    await makeRandomAdapter(model, adapter);
    const offline = await offlineAnswers(workbench, set, { model, adapter }, path.join(folder, 'wrong'));
    const { gate } = await gated(set, offline, served);
    expect(gate).toMatchObject({ verdict: 'differs', evidence: { probes: 300 } });
    expect(gate.reason).toContain('The first difference: scene-');
  }, 300_000);
});

/** An adapter that was never trained and is not zero either. */
async function makeRandomAdapter(base: string, into: string): Promise<void> {
  const script = `
import sys, torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForImageTextToText
torch.manual_seed(1)
base = AutoModelForImageTextToText.from_pretrained(sys.argv[1], local_files_only=True)
modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
settings = LoraConfig(r=8, lora_alpha=64, target_modules=modules, init_lora_weights=False)
get_peft_model(base, settings).save_pretrained(sys.argv[2])
`;
  await promisify(execFile)(python, ['-c', script, base, into]);
}
