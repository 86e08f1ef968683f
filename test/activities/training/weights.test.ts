/** Case 34 of the field, and its kind: half-written, a shard missing, no weights but the optimizer's. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportModel } from '../../../activities/training/exportModel.js';
import { wholeCheckpoints } from '../../../activities/training/jobFolder.js';
import { weightsFault } from '../../../activities/training/weights.js';
import { folderOf, safetensors } from './checkpointFolders.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'anneal-weights-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const weights = safetensors('learnt');
const shards = { weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } };

describe('weightsFault', () => {
  it.each([
    ['checkpoint-10', null],
    ['checkpoint-20', 'model.safetensors is cut off or no safetensors file'],
    ['checkpoint-30', null],
    ['checkpoint-9999999', 'it holds no weights (*.safetensors)'],
    ['tmp-checkpoint-40', 'it holds no weights (*.safetensors)'],
  ])('judges %s of case 34', async (name, fault) => {
    expect(await weightsFault(path.join('test/fixtures/cases/34-checkpoint-folders', name))).toBe(fault);
  });

  it.each([
    ['an adapter', { 'adapter_model.safetensors': weights, 'adapter_config.json': {} }, null],
    ['an adapter without its settings', { 'adapter_model.safetensors': weights }, 'adapter_config.json is missing'],
    [
      'only the optimizer’s state',
      { 'optimizer.pt': 'adam', 'trainer_state.json': {} },
      'only optimizer.pt and the like',
    ],
    ['a file cut within its header', { 'model.safetensors': weights.subarray(0, 20) }, 'model.safetensors is cut off'],
    ['an empty file', { 'model.safetensors': '' }, 'model.safetensors is cut off'],
    [
      'a file with too much in it',
      { 'model.safetensors': Buffer.concat([weights, weights]) },
      'cut off or no safetensors',
    ],
    [
      'all shards',
      {
        'model-00001-of-00002.safetensors': weights,
        'model-00002-of-00002.safetensors': weights,
        'model.safetensors.index.json': shards,
      },
      null,
    ],
    [
      'a shard missing',
      { 'model-00001-of-00002.safetensors': weights, 'model.safetensors.index.json': shards },
      'it lacks the weight file model-00002-of-00002.safetensors, one of 2 that',
    ],
    ['shards without their index', { 'model-00001-of-00002.safetensors': weights }, 'model.safetensors.index.json'],
    [
      'an index cut off',
      { 'model-00001-of-00002.safetensors': weights, 'model.safetensors.index.json': '{"weight_map": {' },
      'model.safetensors.index.json is unreadable',
    ],
  ])('judges %s', async (_name, files: Record<string, Buffer | string | object>, fault) => {
    const found = await weightsFault(await folderOf(root, 'checkpoint', files));
    if (fault === null) expect(found).toBeNull();
    else expect(found).toContain(fault);
  });
});

it('counts no folder of case 34 as a checkpoint of ours: none has the mark that is written last', async () => {
  await cp('test/fixtures/cases/34-checkpoint-folders', path.join(root, 'checkpoints'), { recursive: true });
  expect(await wholeCheckpoints(root)).toEqual([]);
});

describe('exportModel', () => {
  const neverMerges = async () => {
    throw new Error('nothing to merge');
  };
  const exported = async (checkpoint: Record<string, Buffer | string | object>) => {
    const model = await folderOf(root, 'base', { 'model.safetensors': safetensors('random') });
    const from = await folderOf(root, 'checkpoint-8', checkpoint);
    const input = { model, checkpoint: from, method: 'full' as const, into: path.join(root, 'model') };
    return exportModel(input, neverMerges);
  };

  it('keeps what a server needs and leaves what only resuming does', async () => {
    await exported({ 'model.safetensors': weights, 'config.json': {}, 'optimizer.pt': 'adam', 'whole.json': {} });
    expect((await readdir(path.join(root, 'model'))).sort()).toEqual(['config.json', 'model.safetensors']);
  });

  it.each([
    ['checkpointBroken', { 'model.safetensors': weights.subarray(0, 30) }],
    ['checkpointBroken', { 'optimizer.pt': 'adam' }],
    [
      'checkpointBroken',
      { 'model.safetensors': weights, 'whole.json': '{"step": 8, "files": {"processor_config.json": 300}}' },
    ],
    ['mergedEqualsBase', { 'model.safetensors': safetensors('random') }],
  ])('refuses by the name %s, and leaves no model', async (name, checkpoint: Record<string, Buffer | string>) => {
    await expect(exported(checkpoint)).rejects.toMatchObject({
      problem: {
        type: 'TrainingFailed',
        what: expect.stringMatching(new RegExp(`^${name}: `)),
        where: path.join(root, 'checkpoint-8'),
      },
    });
    expect(await readdir(root)).not.toContain('model');
  });

  it('refuses weights that nobody could serve, and names what the base has beside its own', async () => {
    const model = await folderOf(root, 'base', {
      'model.safetensors': safetensors('random'),
      ...{ 'config.json': {}, 'tokenizer.json': {}, 'tokenizer_config.json': {}, 'preprocessor_config.json': {} },
    });
    const checkpoint = await folderOf(root, 'bare', { 'model.safetensors': weights, 'config.json': {} });
    const input = { model, checkpoint, method: 'full' as const, into: path.join(root, 'model') };
    await expect(exportModel(input, neverMerges)).rejects.toThrow(
      /it lacks its tokenizer \(.*\), its processor of pictures/,
    );
    await folderOf(root, 'bare', { 'tokenizer.json': {}, 'processor_config.json': {} });
    await exportModel(input, neverMerges);
    expect(await readdir(root)).toContain('model');
  });

  it('refuses a broken adapter before anything is merged', async () => {
    const from = await folderOf(root, 'adapter', { 'adapter_model.safetensors': weights });
    const input = { model: root, checkpoint: from, method: 'lora' as const, into: path.join(root, 'model') };
    await expect(exportModel(input, neverMerges)).rejects.toThrow('checkpointBroken');
  });
});
