import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ImagePaths } from '../../../activities/data/pictures/imagePaths.js';
import { freshFolder, removeFreshFolders } from './build.js';

afterAll(removeFreshFolders);

/** A data folder with the given files, and a way to ask for them. */
function folderWith(...files: string[]) {
  const root = path.join(freshFolder(), 'data');
  mkdirSync(root);
  for (const file of files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), '');
  }
  const paths = new ImagePaths(root);
  const find = async (written: string, beside = root) => {
    const { file } = await paths.find(written, beside);
    return path.relative(root, file);
  };
  return { root, find };
}

/** What lies in the folder now, not when it was first listed. */
const folderAnew = (root: string) => (written: string) => new ImagePaths(root).find(written, root);

describe('paths of pictures', () => {
  const names = [
    'a b.png',
    '10:30 shot.png',
    '100%20.png',
    'caf\u00e9.png',
    're\u0301sume.png',
    '測試.png',
    '🐍.png',
    '-x.png',
  ];
  const { root, find } = folderWith(...names.map((name) => `my images/${name}`), 'top.png', 'Upper/Case.PNG');

  it.each([
    ['C:\\Users\\someone\\project\\my images\\a b.png', 'a b.png'],
    ['my images\\10:30 shot.png', '10:30 shot.png'],
    ['my images/100%20.png', '100%20.png'],
    ['my images/cafe\u0301.png', 'caf\u00e9.png'],
    ['my images/r\u00e9sume.png', 're\u0301sume.png'],
    ['file:///data/my%20images/%E6%B8%AC%E8%A9%A6.png', '測試.png'],
    ['./my images/🐍.png', '🐍.png'],
    ['my images/-x.png', '-x.png'],
    ['/somewhere/else/my images/a b.png', 'a b.png'],
    ['\\\\server\\share\\my images\\a b.png', 'a b.png'],
    ['data/my images/a b.png', 'a b.png'],
    ['MY IMAGES/A b.PNG', 'a b.png'],
    ['my images/sub/../a b.png', 'a b.png'],
    ['my%20images/%F0%9F%90%8D.png', '🐍.png'],
    ['my images/a b', 'a b.png'],
    ['my images/10:30 shot', '10:30 shot.png'],
    [' my images/a b.png\n', 'a b.png'],
  ])('%s is found', async (written, name) => {
    expect(await find(written)).toBe(path.join('my images', name));
  });

  it('are found from the root as it is and from the folder of the record file', async () => {
    expect(await find(path.join(root, 'top.png'))).toBe('top.png');
    expect(await find('../top.png', path.join(root, 'my images'))).toBe('top.png');
    expect(await find('a b.png', path.join(root, 'my images'))).toBe('my images/a b.png');
  });

  it.each([
    ['top.jpg', 'there is "top.png"'],
    ['my images/-x.png; top.png', 'names 2 pictures: write them as a list'],
    ['twice', 'there is "twice.jpg"'],
    ['%zz.png', 'is not in the data folder'],
  ])('%s is not found, and what may be meant is said', async (written, says) => {
    writeFileSync(path.join(root, 'twice.png'), '');
    writeFileSync(path.join(root, 'twice.jpg'), '');
    await expect(folderAnew(root)(written)).rejects.toMatchObject({
      reason: 'imageNotFound',
      detail: expect.stringContaining(says),
    });
  });

  it.each([
    '../../etc/outside.png',
    '..\\..\\outside.png',
    'my images/../../outside.png',
    'file:///../x/../../y.png/../../..',
  ])('%s is refused', async (written) => {
    await expect(find(written)).rejects.toMatchObject({ reason: expect.stringMatching(/pathOutside|imageNotFound/) });
  });

  it('that climb out of the folder are refused by name, links that leave it too', async () => {
    const { root: inner, find: findInner } = folderWith('a.png');
    writeFileSync(path.join(inner, '../secret.png'), '');
    symlinkSync(path.join(inner, '../secret.png'), path.join(inner, 'link.png'));
    await expect(findInner('../secret.png')).rejects.toMatchObject({
      reason: 'pathOutside',
      detail: expect.stringContaining('../secret.png'),
    });
    await expect(findInner('link.png')).rejects.toMatchObject({ reason: 'pathOutside' });
    await expect(findInner(path.join(inner, '../secret.png'))).rejects.toMatchObject({ reason: 'imageNotFound' });
  });

  it('that are links to nothing or round in a circle are not found, and end nothing', async () => {
    const { root: inner, find: findInner } = folderWith('a.png');
    symlinkSync('gone.png', path.join(inner, 'dangling.png'));
    symlinkSync('circle', path.join(inner, 'circle'));
    symlinkSync('.', path.join(inner, 'here'));
    await expect(findInner('dangling.png')).rejects.toMatchObject({
      reason: 'imageNotFound',
      detail: expect.stringContaining('ENOENT'),
    });
    await expect(findInner('circle')).rejects.toMatchObject({ reason: 'imageNotFound' });
    await expect(findInner('circle/a.png')).rejects.toMatchObject({ reason: 'imageNotFound' });
    expect(await findInner('here/here/a.png')).toBe('here/here/a.png');
  });

  it('of another machine are mapped by the longest shared tail, never to a namesake', async () => {
    const { find: findIn } = folderWith('train/1.png', '1.png', 'x.png');
    expect(await findIn('/data/train/1.png')).toBe('train/1.png');
    await expect(findIn('/data/train/x.png')).rejects.toMatchObject({ reason: 'imageNotFound' });
    expect(await findIn('/home/a/x.png')).toBe('x.png');
    await expect(findIn('/home/b/x.png')).rejects.toMatchObject({ reason: 'imageAmbiguous' });
  });
});
