/** Every format, those with the surest signs first: a file is of the first that recognises it. */
import { cocoBoxes, cocoCaptions } from './coco.js';
import { containerFormats } from './containerFormats.js';
import { csv, tsv } from './csvFile.js';
import { docvqa, textvqa } from './documentVqa.js';
import type { FileFormat } from './format.js';
import { jsonArray, jsonLinesFile, wrappedArray } from './jsonFile.js';
import { vqa } from './vqa.js';

const joined = [vqa, cocoCaptions, cocoBoxes, docvqa, textvqa];

export const fileFormats: readonly FileFormat[] = [
  ...containerFormats,
  ...joined,
  wrappedArray,
  jsonArray,
  jsonLinesFile,
  tsv,
  csv,
];
