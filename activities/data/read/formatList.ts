/** Every format, those with the surest signs first: a file is of the first that recognises it. */
import { csv, tsv } from './csvFile.js';
import type { FileFormat } from './format.js';
import { jsonArray, jsonLinesFile } from './jsonFile.js';

export const fileFormats: readonly FileFormat[] = [jsonArray, jsonLinesFile, tsv, csv];
