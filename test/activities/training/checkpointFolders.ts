/** Folders of weights as trainers leave them, made by hand. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A safetensors file of one tensor of bytes. */
export function safetensors(content: string): Buffer {
  const tensor = Buffer.from(content);
  const header = Buffer.from(
    JSON.stringify({ w: { dtype: 'U8', shape: [tensor.length], data_offsets: [0, tensor.length] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, tensor]);
}

/** Writes the files into a new folder; objects as JSON. */
export async function folderOf(
  root: string,
  name: string,
  files: Record<string, Buffer | string | object>,
): Promise<string> {
  const folder = path.join(root, name);
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    const raw = typeof content === 'string' || Buffer.isBuffer(content);
    await writeFile(path.join(folder, file), raw ? content : JSON.stringify(content));
  }
  return folder;
}
