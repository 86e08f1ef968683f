/** How a trainer is told of an export, in the words of its own settings. */
import path from 'node:path';
import type { ExportFormat } from './formats.js';
import { datasetName } from './llamaFactory.js';
import type { ExportedFile } from './manifest.js';

/** Lines for a person. Files are named by their full path: a trainer rarely starts in the export's folder. */
export function useOf(to: ExportFormat, folder: string, files: readonly ExportedFile[]): string[] {
  const train = files.find(({ split, pairs }) => split === 'train' && !pairs) ?? files[0];
  if (!train) return [];
  return uses[to](folder, files, path.join(folder, train.name));
}

const uses: Record<ExportFormat, (folder: string, files: readonly ExportedFile[], train: string) => string[]> = {
  trl: (folder, _, train) => [
    `load_dataset("json", data_files="${train}"), with the trainer started in ${folder}: paths of pictures are relative to it (or export with --absolute).`,
    'SFTConfig(max_length=None): TRL cuts picture tokens otherwise. The loss is on the completion by default.',
  ],
  'ms-swift': (_, __, train) => [
    `swift sft --dataset ${train} --strict true: without it rows that can’t be used are dropped in silence.`,
    'Compare the number of rows that swift reports with counts.answers here.',
  ],
  'llama-factory': (folder, files) => [
    `dataset_dir: ${folder}`,
    `dataset: ${files
      .filter(({ split, pairs }) => split === 'train' && !pairs)
      .map(datasetName)
      .join(', ')}`,
    'mask_history: true, so that only the last answer of a conversation is learnt, as in Anneal.',
  ],
  openai: (_, __, train) => [`Upload ${train} with the purpose fine-tune.`],
  'openai-dpo': (_, __, train) => [`Upload ${train} with the purpose fine-tune, method dpo.`],
  jsonl: (_, __, train) => [
    `"records": ["${train}"] in a task.json, with "group": "group" and "kind": "kind" in "fields".`,
  ],
};
