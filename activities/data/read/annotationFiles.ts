/** Labels of detection beside or below pictures, which no format of folders reads: a person would miss them. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { areYoloBoxes } from './yolo.js';

const lookedAtBytes = 4096;

const kinds: readonly { name: string; suffix: string; says: (text: string) => boolean }[] = [
  { name: 'boxes of YOLO', suffix: '.txt', says: (text) => areYoloBoxes(text.slice(0, text.lastIndexOf('\n'))) },
  { name: 'boxes of Pascal VOC', suffix: '.xml', says: (text) => /<annotation[\s>]/.test(text) },
  { name: 'annotations of CVAT', suffix: '.xml', says: (text) => /<annotations[\s>]/.test(text) },
  { name: 'shapes of LabelMe', suffix: '.json', says: (text) => /"shapes"\s*:/.test(text) },
];

/** The first of these files that holds such labels, as a question; null where none does. */
export async function annotationsQuestion(root: string, named: string, names: string[]): Promise<string | null> {
  for (const name of names) {
    const likely = kinds.filter(({ suffix }) => name.toLowerCase().endsWith(suffix));
    const text = likely.length > 0 ? `${await startOf(path.join(root, name))}\n` : '';
    const kind = likely.find(({ says }) => says(text));
    if (kind)
      return `${named} holds ${kind.name}, such as ${name}, which are not read: its pictures are taken without them. Is that meant? Else export one COCO file, which the format cocoBoxes reads.`;
  }
  return null;
}

async function startOf(file: string): Promise<string> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(lookedAtBytes), 0, lookedAtBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
