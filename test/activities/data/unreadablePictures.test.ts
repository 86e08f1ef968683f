/** What records name instead of a picture file: nothing of it ends or stops an import. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { readHeader } from '../../../activities/data/pictures/pictureHeader.js';
import { RecipeSettings } from '../../../config/settings.js';
import { build, fates, freshFolder, removeFreshFolders } from './build.js';

afterAll(removeFreshFolders);

const png = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c83214' } })
  .png()
  .toBuffer();

/** Fates of rows that name these pictures, by their ids. */
async function fatesOf(images: Record<string, unknown>, prepare: (root: string) => void = () => undefined) {
  const root = freshFolder();
  writeFileSync(path.join(root, 'whole.png'), png);
  prepare(root);
  const rows = Object.entries(images).map(([id, image]) => ({ id, image, question: `${id}?`, answer: 'x' }));
  writeFileSync(path.join(root, 'r.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  return fates(await build({ root, files: ['r.jsonl'] }));
}

describe('a path', () => {
  it('to a pipe, a folder, or by a link to nothing or to itself costs its row alone', async () => {
    const images = {
      ...{ whole: 'whole.png', linked: 'link.png' },
      ...{
        pipe: 'pipe.png',
        folder: 'folder.png',
        dangling: 'dangling.png',
        loop: 'loop.png',
        inLoop: 'loop.png/a.png',
      },
    };
    const found = await fatesOf(images, (root) => {
      const at = (name: string) => path.join(root, name);
      execFileSync('mkfifo', [at('pipe.png')]);
      mkdirSync(at('folder.png'));
      symlinkSync('whole.png', at('link.png'));
      symlinkSync('nowhere.png', at('dangling.png'));
      symlinkSync('loop.png', at('loop.png'));
    });
    const refused = ['pipe', 'folder', 'dangling', 'loop', 'inLoop'].map((id) => [id, 'imageNotFound']);
    expect(found).toEqual({ whole: 'used', linked: 'used', ...Object.fromEntries(refused) });
  });
});

describe('a picture as text', () => {
  const base64 = png.toString('base64');
  it.each([
    ['with a media type of another format', `data:image/jpeg;base64,${base64}`],
    ['after white space', `\n data:image/png;base64,${base64}`],
    ['in lines', `data:image/png;base64,${base64.replace(/(.{60})/g, '$1\r\n')}`],
    ['with escaped signs', `data:image/png;base64,${encodeURIComponent(base64)}`],
    ['in the alphabet of URLs, without padding', `data:image/png;base64,${png.toString('base64url')}`],
    ['without a header', base64],
    ['without a header, in an object', { bytes: base64, path: null }],
  ])('is read %s', async (_name, image) => {
    expect(await fatesOf({ it: image })).toEqual({ it: 'used' });
  });
});

describe('content of no format that is read', () => {
  it.each([
    ['BM6....', 'BMP'],
    ['%PDF-1.7', 'PDF'],
    ['version https://git-lfs.github.com/spec/v1\n', 'pointer of Git LFS'],
    ['{"error": "slow down"}', 'JSON'],
    ['  <!DOCTYPE HTML>', 'HTML page'],
    ['what is it', 'no picture of a known format'],
  ])('%j is named', async (content, named) => {
    const detail = expect.stringContaining(named);
    const header = readHeader(Buffer.from(content, 'latin1'), RecipeSettings.parse({}).data);
    await expect(header).rejects.toMatchObject({ reason: 'imageUnreadable', detail });
  });
});
