import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makePictures } from '../../bench/lib/captionPictures.js';
import { makeRoot, removeRoot } from './dev/supervisor.js';
import { anneal } from './shells.js';

let root: string;
beforeEach(async () => {
  root = await makeRoot();
});
afterEach(() => removeRoot(root));

const endpoint = ['--endpoint', 'http://127.0.0.1:9/v1', '--model', 'm'];

describe('anneal caption --dry-run', () => {
  it('says pictures, windows, tokens and what is answered, and keeps and asks nothing', async () => {
    await makePictures(path.join(root, 'photos'), 12, 32);
    await mkdir(path.join(root, 'photos', 'more'));
    await makePictures(path.join(root, 'photos', 'more'), 3, 32);
    const argv = ['caption', 'photos', ...endpoint, '--dry-run', '--set', 'windowSize=5', '--json'];
    const { code, data } = await anneal(root, {}, ...argv);
    expect(code).toBe(0);
    expect(JSON.parse(data)).toEqual({
      pictures: 15,
      different: 12,
      windows: 3,
      answered: 0,
      toAsk: 12,
      imageTokens: { sample: 12, median: 66, largest: 66 },
      completionTokensAtMost: 12 * 512,
    });
    const { data: words } = await anneal(root, {}, ...argv.slice(0, -1));
    expect(words).toContain('15 found, 12 different ones to caption');
    await expect(rm(path.join(root, '.anneal'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('anneal caption', () => {
  it.each([
    [['photos'], 'either endpoint or model'],
    [['photos', '--endpoint', 'here', '--model', 'm'], 'endpoint.baseUrl'],
    [['photos', ...endpoint, '--set', 'windowSiz=5'], 'Did you mean "windowSize"?'],
    [['photos', ...endpoint, '--set', 'filters.minimumWords=-1'], 'filters.minimumWords'],
    [['photos', ...endpoint, '--limit', 'few'], 'whole number above 0'],
    [['gone', ...endpoint, '--dry-run'], 'There is no "gone"'],
    [['photos', '--model', 'nowhere', '--dry-run'], 'There is no model folder there'],
    [['list.bin', ...endpoint, '--dry-run'], 'A line is no path'],
  ])('refuses %j before anything is started', async (argv, says) => {
    await makePictures(path.join(root, 'photos'), 1, 16);
    await writeFile(path.join(root, 'list.bin'), Buffer.from([1, 0, 2, 10]));
    const { code, talk } = await anneal(root, {}, 'caption', ...argv);
    expect(talk).toContain(says);
    expect(code).toBe(2);
  });
});
