/** Names what a file holds that is no picture of a format that is read, by its first bytes, for the person who put it there. */

import { isLfsPointer } from '../lfsPointer.js';

const texts: readonly [string, string][] = [
  ['<!doctype html', 'an HTML page, not a picture'],
  ['<html', 'an HTML page, not a picture'],
  ['{', 'JSON, not a picture'],
  ['<svg', 'SVG'],
  ['<?xml', 'XML, such as SVG or the error of a store, not a picture'],
];

/** Where the signature stands, and what it is. */
const signatures: readonly [number, string, string][] = [
  [0, 'BM', 'BMP'],
  [0, '\0\0\x01\0', 'ICO'],
  [0, '%PDF-', 'PDF'],
  [0, '\x93NUMPY', 'a NumPy array'],
  [0, '8BPS', 'PSD'],
  [4, 'jP  ', 'JPEG 2000'],
  [4, 'JXL ', 'JPEG XL'],
  [0, '\xff\x0a', 'JPEG XL'],
  [0, 'v/1\x01', 'OpenEXR'],
  [128, 'DICM', 'DICOM'],
  [4, 'ftypmp4', 'a video'],
  [4, 'ftypiso', 'a video'],
  [4, 'ftypqt', 'a video'],
];

export function contentName(bytes: Buffer): string {
  if (isLfsPointer(bytes)) return 'a pointer of Git LFS: "git lfs pull" fetches the picture';
  const start = bytes.toString('latin1', 0, 256);
  const text = start.trimStart().toLowerCase();
  const byText = texts.find(([begins]) => text.startsWith(begins))?.[1];
  const bySignature = signatures.find(([at, signature]) => start.startsWith(signature, at))?.[2];
  return byText ?? bySignature ?? 'no picture of a known format';
}
