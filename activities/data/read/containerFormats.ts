/** Formats that hold or sit beside their pictures: files of binary content, and folders. */
import type { FileFormat } from './format.js';
import { webdataset } from './webdataset.js';

export const containerFormats: readonly FileFormat[] = [webdataset];
