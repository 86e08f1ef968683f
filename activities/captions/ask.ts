/** What is asked of which model, and the name that an answer is kept by: the content of all that shaped it. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CaptionPictures } from '../../config/captioning.js';
import { Decoding } from '../../config/serving.js';
import { sha256 } from '../storage/files.js';

/** Changes with the way in which pictures are sent, so that a newer Anneal asks anew. */
const rules = 'anneal.captions/1';

export const Ask = z.strictObject({
  /** The model's name at its endpoint; of a folder of ours its path and what lies in it. */
  model: z.string(),
  prompts: z.array(z.string()).min(1),
  system: z.string().nullable(),
  decoding: Decoding,
  pictures: CaptionPictures,
});
export type Ask = z.infer<typeof Ask>;

export interface Key {
  /** 32 characters of hex. */
  key: string;
  /** Which of the prompts. */
  prompt: number;
}

/** Makes keys of one ask. `file` is the digest of the picture's bytes, in hex. */
export function keysOf({ model, prompts, system, decoding, pictures }: Ask): (file: string) => Key {
  const each = prompts.map((prompt) => sha256(JSON.stringify([rules, model, prompt, system, decoding, pictures])));
  return (file) => {
    const prompt = Number.parseInt(file.slice(0, 8), 16) % each.length;
    return { key: sha256(`${each[prompt]}${file}`).slice(0, 32), prompt };
  };
}

/** Of prompt, system message and decoding; said with every caption. */
export function promptDigests({ prompts, system, decoding }: Ask): string[] {
  return prompts.map((prompt) => sha256(JSON.stringify({ prompt, system, decoding })).slice(0, 12));
}

/** Another model under the same path is another model: sizes and times of its files tell. */
export async function folderIdentity(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(path.join(folder, name));
      return [name, size, mtimeMs];
    }),
  );
  return `${folder}#${sha256(JSON.stringify(files)).slice(0, 12)}`;
}
