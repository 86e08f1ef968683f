/** Brings the pictures of exported rows to where the rows say they are. */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { noSpace } from '../../storage/files.js';
import type { PictureForm } from './renderer.js';

export class ExportedPictures {
  private readonly dataset: string;
  private readonly into: string;
  private readonly form: PictureForm;
  private readonly folders = new Set<string>();

  constructor(options: { dataset: string; into: string; form: PictureForm }) {
    this.dataset = options.dataset;
    this.into = options.into;
    this.form = options.form;
  }

  /** What rows call a picture of the dataset; the picture is there when this returns. Throws `NoSpace`. */
  async name(picture: string): Promise<string> {
    const file = path.join(this.dataset, picture);
    if (this.form === 'absolute') return file;
    if (this.form === 'inline') return `data:image/png;base64,${(await readFile(file)).toString('base64')}`;
    await this.place(file, path.join(this.into, picture));
    return picture;
  }

  async bytes(picture: string): Promise<number> {
    return (await stat(path.join(this.dataset, picture))).size;
  }

  /** A second name of the same file where the disk can do that, else a copy. */
  private async place(from: string, to: string): Promise<void> {
    const folder = path.dirname(to);
    if (!this.folders.has(folder)) await mkdir(folder, { recursive: true });
    this.folders.add(folder);
    try {
      await link(from, to);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return; // another record shows it too
      if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(code ?? '')) throw noSpace(error, to) ?? error;
      await copyFile(from, to, constants.COPYFILE_FICLONE).catch((failure: unknown) => {
        throw noSpace(failure, to) ?? failure;
      });
    }
  }
}
