import { z } from 'zod';

/** What a record file is, and how its rows are told apart. */
const containers = {
  jsonl: 'JSON Lines: one record a line.',
  json: 'A JSON array of records.',
  csv: 'A table with a header, separated by commas, semicolons, bars or tabs.',
  tsv: 'The same, separated by tabs.',
  parquet: 'Apache Parquet with columns for pictures and texts.',
  webdataset: 'A tar file whose members share a stem.',
  imageFolder: 'A folder of pictures, or one folder of pictures a class.',
  sidecar: 'A folder of pictures with a text file beside each.',
  cocoCaptions: 'COCO captions: one JSON object with images and annotations.',
  cocoBoxes: 'COCO detection: annotations with bbox and category_id.',
  vqa: 'VQAv2: a file of questions, and one of annotations beside it.',
  docvqa: 'DocVQA: a JSON object whose data have several right answers each.',
  textvqa: 'TextVQA: a JSON object whose data have ten answers each.',
  datasetInfo: 'dataset_info.json of LLaMA-Factory or ms-swift, which names files and their columns.',
} as const;

/** How one row is written, whatever file it stands in. */
const shapes = {
  preference: 'OpenAI preference: input.messages, preferred_output, non_preferred_output.',
  batch: 'OpenAI batch request: custom_id, method, url, body. It has no answers.',
  messages: 'messages of OpenAI, Anthropic, TRL or ms-swift.',
  conversations: 'LLaVA and ShareGPT: conversations of from and value.',
  conversation: 'Old ShareGPT: conversation of human and assistant.',
  prompt: 'TRL: prompt with completion, or with chosen and rejected.',
  query: 'ms-swift: query, response, history.',
  alpaca: 'LLaMA-Factory: instruction, input, output, history, system.',
  fields: 'The plain fields of the task: image, question, answer.',
  caption: 'A picture with a caption or text.',
} as const;

export type ContainerName = keyof typeof containers;
export type ShapeName = keyof typeof shapes;

export const containerNames = Object.keys(containers) as ContainerName[];
export const shapeNames = Object.keys(shapes) as ShapeName[];

/** Every format with one sentence, for messages and documentation. */
export const formats: Record<ContainerName | ShapeName, string> = { ...containers, ...shapes };

/** `auto` recognises files and rows by their content; any other name overrides that. */
export const FormatName = z.enum(['auto', ...containerNames, ...shapeNames]);
export type FormatName = z.infer<typeof FormatName>;

/**
 * What becomes of a picture without an answer (R5): `declared` lets it wait where the answer is null or empty or the
 * format has none, and rejects a row that should have one; `wait` lets every such row wait; `reject` none.
 */
export const Unanswered = z.enum(['declared', 'wait', 'reject']);
export type Unanswered = z.infer<typeof Unanswered>;
