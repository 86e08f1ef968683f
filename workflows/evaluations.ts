/** The one way in which a served model is asked: same prompt, decoding and scorer before, during and after tuning. */
import type { Evaluation } from '../config/evaluation.js';
import type { DatasetRef, Split } from '../config/records.js';
import type { Prompt, ResolvedRecipe } from '../config/resolved.js';
import type { Endpoint } from '../config/serving.js';
import { splitUri } from './plan.js';
import { vlm, vlmServed } from './proxies.js';

/** Generic questions are put as they are. */
export const plainPrompt: Prompt = { system: null, template: '{question}' };

export function evaluations(recipe: ResolvedRecipe, endpoint: Endpoint, name: string) {
  const { settings, task, generic: source } = recipe;
  const asker = endpoint.server === null ? vlm : vlmServed;
  const common = {
    endpoint,
    seed: settings.seed,
    decoding: settings.prompt.decoding,
    concurrency: settings.prompt.concurrency,
    into: `${recipe.runFolder}/evaluation`,
  };
  return {
    /** Whether the endpoint answers at all, with an image and its key. */
    probe: () => asker.probeEndpoint({ endpoint }),
    /** Business questions of one split, at most `limit` of them. */
    business(dataset: DatasetRef, split: Split, limit: number): Promise<Evaluation> {
      const set = { setUri: splitUri(dataset, split), limit, prompt: task.prompt, answer: task.answer };
      const labels = task.answer.kind === 'label' ? { labels: task.answer.labels } : {};
      return asker.evaluateOverEndpoint({ ...common, ...set, ...labels, name: `${name}-${split}` });
    },
    /** Test items that lie outside of a dataset folder: the newest, which no training set has (methods M13). */
    window(setUri: string, limit: number): Promise<Evaluation> {
      const set = { setUri, limit, prompt: task.prompt, answer: task.answer };
      return asker.evaluateOverEndpoint({ ...common, ...set, name: `${name}-window` });
    },
    /** The same test questions with others' pictures, or grey ones: what the score owes to no picture (R9). */
    blind(dataset: DatasetRef, pictures: 'swapped' | 'blank', limit: number): Promise<Evaluation> {
      const set = { setUri: splitUri(dataset, 'test'), limit, prompt: task.prompt, answer: task.answer, pictures };
      return asker.evaluateOverEndpoint({ ...common, ...set, name: `${name}-${pictures}` });
    },
    /** Test records in the formats that the task wishes besides (R7), at most `limit` of them; scores by format. */
    formats(dataset: DatasetRef, limit: number): Promise<Evaluation> {
      const setUri = `${dataset.uri.replace(/\/$/, '')}/formats-test.jsonl`;
      const set = { setUri, limit, prompt: task.prompt, answer: task.answer, slices: 'format' as const };
      return asker.evaluateOverEndpoint({ ...common, ...set, name: `${name}-formats` });
    },
    /** One more answer to each item, drawn at a temperature; `index` tells the answers of an item apart (R3). */
    sample(setUri: string, limit: number, index: number): Promise<Evaluation> {
      const set = { setUri, limit, prompt: task.prompt, answer: task.answer };
      const decoding = { ...common.decoding, temperature: settings.align.temperature };
      return asker.evaluateOverEndpoint({ ...common, ...set, decoding, name: `${name}-sample-${index}` });
    },
    /** Held-out generic items: the general ability. */
    generic(dataset: DatasetRef, limit: number): Promise<Evaluation> {
      const answer = source?.answer ?? task.answer;
      const set = { setUri: splitUri(dataset, 'test'), limit, prompt: plainPrompt, answer };
      return asker.evaluateOverEndpoint({ ...common, ...set, name: `${name}-generic` });
    },
  };
}
