/** Input, task file and model: told by a run of `boost` on a real Temporal server, before anything is spent. */
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Runtime, Worker } from '@temporalio/worker';
import { problem } from '../../../config/problems.js';
import { taskQueues } from '../../../config/queues.js';
import { newKeyLine } from '../../../connection/keys.js';
import { bounded } from '../../../workers/boundary.js';
import { holdSection, type Said, saidBy, saidOf } from './rows.js';
import { makeWorkplace, recipeActivities, type Workplace } from './workplace.js';

jest.setTimeout(120_000);

let environment: TestWorkflowEnvironment;
let place: Workplace;
let worker: Worker;
let working: Promise<void>;
let started = 0;
/** Holds runs at the end of resolveRecipe, so that they can be sent updates. */
let gate: Promise<void> = Promise.resolve();

beforeAll(async () => {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } as never });
  const executable = process.env['ANNEAL_TEMPORAL_CLI'];
  environment = await TestWorkflowEnvironment.createLocal(
    executable ? { server: { executable: { type: 'existing-path', path: executable } } } : {},
  );
  place = await makeWorkplace();
  worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: taskQueues.recipe,
    workflowsPath: fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url)),
    activities: bounded(recipeActivities(place.root, () => gate)),
  });
  working = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await working;
  await environment.teardown();
  await place.remove();
});

function start(...args: unknown[]): Promise<WorkflowHandle> {
  started += 1;
  const workflowId = `boost-errors-${started}`;
  return environment.client.workflow.start('boost', { workflowId, taskQueue: taskQueues.recipe, args });
}

function run(...args: unknown[]): Promise<Said> {
  return saidOf(async () => (await start(...args)).result());
}

async function task(change: Parameters<Workplace['task']>[0]): Promise<Said> {
  return run(await place.task(change));
}

async function model(change: Parameters<Workplace['model']>[0]): Promise<Said> {
  await place.model(change);
  try {
    return await task({});
  } finally {
    await place.model({});
  }
}

/** Sends the update `overrule` to a run that is under way, and lets the run end. */
async function overrule(value: unknown): Promise<Said> {
  let end: () => void = () => undefined;
  gate = new Promise((_, reject) => {
    end = () => reject(problem('NoSpace', { what: 'Enough.', where: 'this test', todo: 'Nothing.' }));
  });
  const handle = await start(await place.task({}));
  try {
    return await saidOf(() => handle.executeUpdate('overrule', { args: [value] }));
  } finally {
    end();
    await saidOf(() => handle.result());
    gate = Promise.resolve();
  }
}

describe('errors: The input of a run', () => {
  holdSection('The input of a run', {
    'input-none': () => run(),
    'input-null': () => run(null),
    'input-text': () => run('examples/digits'),
    'input-quoted': () => run('{"task": "examples/digits"}'),
    'input-list': () => run([{ task: 'examples/digits' }]),
    'input-number': () => run(7),
    'input-key': () => run({ tsk: 'examples/digits' }),
    'input-no-task': () => run({}),
    'input-setting': async () => run({ ...(await place.task({})), recipe: { sweep: { epoch: 2 } } }),
    'input-value': async () => run({ ...(await place.task({})), recipe: { sweep: { epochs: -1 } } }),
    'overrule-text': () => overrule('promptFirst'),
    'overrule-unknown': () => overrule({ decision: 'promtFirst', verdict: 'notEnough' }),
    'overrule-key': () => overrule({ decision: 'promptFirst', verdit: 'notEnough' }),
  });
});

describe('errors: The task file', () => {
  holdSection('The task file', {
    'task-missing': () => run({ task: 'nowhere' }),
    'task-cut': () => task('{\n "name": "invoices",'),
    'task-comma': () => task('{\n "name": "invoices",\n}'),
    'task-comment': () => task('{\n  // mine\n "name": "invoices" }'),
    'task-list': () => task('[]'),
    'task-key': () =>
      task(
        '{\n "name": "invoices", "records": ["records.jsonl"],\n "target": { "score": 0.9 },\n "answer": { "kind": "text" },\n "fields": { "awnser": "total" }\n}',
      ),
    'task-target': () => task({ target: undefined }),
    'task-name': () => task({ name: 'My invoices' }),
    'task-template': () => task({ prompt: { template: 'Read it.' } }),
    'task-records': () => task({ records: ['gone.jsonl'] }),
    'task-generic': () => task({ generic: { captions: 'captions.jsonl' } }),
    'task-preferences': () => task({ preferences: 'mine.jsonl' }),
    'task-setting': () => task({ recipe: { training: { learningrate: 1e-4 } } }),
  });
});

describe('errors: The model', () => {
  const gone = { 'config.json': null, 'processor_config.json': null, 'model.safetensors': null };
  const language = { architectures: ['LlamaForCausalLM'], max_position_embeddings: 2048 };
  const llava = {
    architectures: ['LlavaForConditionalGeneration'],
    model_type: 'llava',
    vision_config: {},
    text_config: {},
  };
  holdSection('The model', {
    'model-missing': () => task({ baseModel: 'models/none' }),
    'model-empty': () => model(gone),
    'model-text': () => model({ 'config.json': JSON.stringify(language) }),
    'model-pictures': () => model({ 'config.json': JSON.stringify(llava) }),
    'model-weights': () => model({ 'model.safetensors': null }),
    'model-cut': () => model({ 'model.safetensors': Buffer.alloc(20) }),
    'model-adapter': () => model({ ...gone, 'adapter_config.json': '{}' }),
    'model-size': () => task({ preset: undefined }),
    'model-preset': () => task({ baseModel: '7b', preset: undefined }),
  });
});

describe('errors: The engine', () => {
  const command = (env: NodeJS.ProcessEnv) => saidBy(place.root, env, 'cancel', 'invoices');
  holdSection('The engine', {
    'engine-none': () => command({}),
    'engine-address': () => command({ TEMPORAL_ADDRESS: '127.0.0.1:9' }),
    'engine-namespace': () => command({ TEMPORAL_ADDRESS: environment.address, TEMPORAL_NAMESPACE: 'nowhere' }),
    'engine-certificate': () =>
      command({
        TEMPORAL_ADDRESS: '127.0.0.1:9',
        TEMPORAL_CONFIG_FILE: 'temporal.toml',
        TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem',
      }),
    'engine-pair': () =>
      command({ TEMPORAL_ADDRESS: '127.0.0.1:9', TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere/client.pem' }),
    'engine-key': () => command({ ANNEAL_ENCRYPTION_KEYS: `${newKeyLine()}\nno key` }),
    'engine-key-file': () => command({ ANNEAL_ENCRYPTION_KEY_FILE: '/nowhere/keys' }),
    'engine-profile': async () => command({ TEMPORAL_CONFIG_FILE: await place.file('broken.toml', '[profile') }),
  });
});
