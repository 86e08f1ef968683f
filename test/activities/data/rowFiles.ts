/** A folder with small pictures, 0.png and so on, and files of records written by a test. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { build, freshFolder, type Made, type Wanted } from './build.js';

export async function folderOf(files: Record<string, string | Uint8Array>, pictures = 4): Promise<string> {
  const root = freshFolder();
  for (let at = 0; at < pictures; at += 1) writeFileSync(path.join(root, `${at}.png`), await picture(at));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(root, name), content);
  return root;
}

export async function picture(at: number): Promise<Buffer> {
  const background = { r: (at * 83) % 256, g: (at * 151) % 256, b: (at * 211) % 256 };
  return sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
}

export const lines = (rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** The dataset of one file, and the text of each record by the line of its row. */
export async function fileOf(
  name: string,
  content: string | Uint8Array,
  wanted: Partial<Wanted> = {},
): Promise<Made & { shown: (line: number) => string | undefined }> {
  const made = await build({ root: await folderOf({ [name]: content }), files: [name], ...wanted });
  const shown = (line: number) => {
    const id = made.ledger.find((row) => row.line === line)?.id;
    const record = [...made.records, ...made.waiting].find((each) => each.id === id);
    return record?.messages
      .flatMap(({ content: parts }) => parts.map((part) => (part.type === 'image' ? '<image>' : part.text)))
      .join(' ');
  };
  return { ...made, shown };
}
