/** A build whose process is killed with SIGKILL on the way goes on from what it has, to the same dataset. */
import path from 'node:path';
import { jest } from '@jest/globals';
import { type Arm, runArm } from '../../../bench/build/arms.js';
import { smallPicture, writePictures } from '../../../bench/build/pictures.js';
import { freshFolder, removeFreshFolders } from './build.js';

jest.setTimeout(240_000);
afterAll(removeFreshFolders);

it('makes the dataset of an undisturbed build after two kills', async () => {
  const root = freshFolder();
  await writePictures(root, 1500, { picture: smallPicture, suffix: '.png', tell: () => undefined });
  const arm = (into: string): Arm => ({
    name: 'build',
    folder: root,
    into: path.join(root, into),
    python: '',
    level: 6,
  });
  const undisturbed = await runArm(arm('undisturbed'));
  const ends = [];
  for (const row of [400, 1000]) ends.push(await runArm(arm('killed'), ({ rows }) => rows >= row));
  expect(ends.map(({ result }) => result)).toEqual([null, null]);
  expect((await runArm(arm('killed'))).result).toBe(undisturbed.result);
});
