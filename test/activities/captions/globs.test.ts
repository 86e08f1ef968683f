import { readGlob } from '../../../activities/captions/globs.js';

describe('readGlob', () => {
  it.each([
    ['/data/*.png', '/data', 'a.png', true],
    ['/data/*.png', '/data', 'deep/a.png', false],
    ['/data/**/*.png', '/data', 'a.png', true],
    ['/data/**/*.png', '/data', 'x/y/a.png', true],
    ['/data/**', '/data', 'x/a.jpg', true],
    ['/data/20??/*.{png,jpg}', '/data', '2024/a.jpg', true],
    ['/data/20??/*.{png,jpg}', '/data', '2024/a.webp', false],
    ['/data/{a,b{1,2}}/x.png', '/data', 'b2/x.png', true],
    ['/data/[a-c]/x.png', '/data', 'd/x.png', false],
    ['/data/[!a-c]/x.png', '/data', 'd/x.png', true],
    ['/data/a+b (1)-[0-9].png', '/data', 'a+b (1)-7.png', true],
    ['*.png', '.', 'a.png', true],
  ])('%s is looked for in %s, and %s fits: %s', (glob, base, file, fits) => {
    const read = readGlob(glob);
    expect(read.base).toBe(base);
    expect(read.matches(file)).toBe(fits);
  });
});
