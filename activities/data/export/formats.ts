/** The formats that a dataset is exported to, by name. */
import { anneal } from './anneal.js';
import { llamaFactory } from './llamaFactory.js';
import { msSwift } from './msSwift.js';
import { openai, openaiDpo } from './openai.js';
import type { Renderer } from './renderer.js';
import { trl } from './trl.js';

export const exportFormats = ['trl', 'ms-swift', 'llama-factory', 'openai', 'openai-dpo', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const renderers: Record<ExportFormat, Renderer> = {
  trl,
  'ms-swift': msSwift,
  'llama-factory': llamaFactory,
  openai,
  'openai-dpo': openaiDpo,
  jsonl: anneal,
};
