/** Formats that hold or sit beside their pictures: files of binary content, and folders. */
import type { FileFormat } from './format.js';
import { imageFolder } from './imageFolder.js';
import { parquet } from './parquet.js';
import { sidecar } from './sidecarFolder.js';
import { webdataset } from './webdataset.js';

export const containerFormats: readonly FileFormat[] = [parquet, webdataset, imageFolder, sidecar];
