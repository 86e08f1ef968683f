/** The recipe of a run on the tiny preset. */
import { presets } from '../../../config/presets.js';
import { presetLayer, resolveSettings } from '../../../config/resolve.js';
import type { ResolvedRecipe } from '../../../config/resolved.js';
import type { Places } from './places.js';

export function recipe(places: Places, changes: Partial<ResolvedRecipe> = {}): ResolvedRecipe {
  const resolved = resolveSettings([presetLayer(presets.tiny), { from: 'task', settings: { onQuestion: 'stop' } }]);
  if (!resolved.ok) throw new Error('the presets do not parse');
  const answer = { kind: 'label' as const, labels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] };
  const source = {
    root: '/data/digits',
    format: 'auto' as const,
    question: null,
    answer,
    unanswered: 'declared' as const,
  };
  const fields = { id: 'id', image: 'image', question: 'question', answer: 'answer' };
  return {
    run: 'boost-digits.1a2b3c4d',
    runFolder: places.run,
    task: {
      name: 'digits',
      description: 'Read one scanned handwritten digit.',
      file: '/data/digits/task.json',
      target: { score: 0.92, formatValidity: 0.97 },
      answer,
      prompt: { system: null, template: '{question} Answer with one digit.' },
      phrasings: { coarse: ['{question}'], fine: ['{question} Answer with one digit.'] },
    },
    business: { name: 'digits', files: [{ path: '/data/digits/records.jsonl' }], fields, ...source },
    generic: null,
    model: {
      uri: 'file:///opt/anneal/trainer/tiny_vlm/model',
      preset: 'tiny',
      digest: 'c81e728d9d4c2f63',
      architecture: 'Qwen3VLForConditionalGeneration',
      patch: 16,
      merge: 2,
      minimumPixels: 16_384,
      maximumPixels: 16_384,
      contextTokens: 2048,
    },
    endpoint: null,
    settings: resolved.settings,
    provenance: resolved.provenance,
    trainer: {
      name: 'anneal_trainer',
      version: '0.1.0',
      methods: ['full', 'lora'],
      packing: false,
      namedEvaluationSets: true,
      perItemLosses: true,
      layouts: { maximumTensor: 1, maximumPipeline: 1, maximumData: 1 },
      devices: ['cpu'],
    },
    searchAttributes: true,
    versions: { anneal: '0.1.0', node: 'v20.20.2', anneal_trainer: '0.1.0' },
    digests: { task: '45c48cce2e2d7fbd' },
    ...changes,
  };
}
