/** What joined files say of each other: nothing is joined by a guess, and nothing is left away in silence. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { build, removeFreshFolders } from './build.js';
import { fileOf, folderOf } from './rowFiles.js';

jest.setTimeout(240_000);
afterAll(removeFreshFolders);

const images = [0, 1].map((id) => ({ id, file_name: `${id}.png`, width: 64, height: 64 }));
const categories = [{ id: 1, name: 'cat' }];
const boxesOf = (boxes: number[][]) => ({
  images,
  categories,
  annotations: boxes.map((bbox, id) => ({ id, image_id: 0, category_id: 1, bbox })),
});

describe('COCO', () => {
  it('has boxes without area or outside of their picture in the ledger, and notes those over its edge', async () => {
    const boxes = [
      [1, 2, 3, 4],
      [60.5, 60, 4, 9],
      [1, 1, 0, 5],
      [5, 5, -3, 5],
      [64, 0, 9, 9],
      [-9, 0, 9, 9],
      [0, 0, 64.5, 64],
    ];
    const made = await fileOf('c.json', JSON.stringify(boxesOf(boxes)));
    expect(made.manifest.counts).toMatchObject({ read: 5, used: 1, rejected: 4, byReason: { boxNotPixels: 4 } });
    const details = made.ledger.map(({ detail }) => detail).join();
    expect(details).toContain('[64,0,9,9] lies outside of its picture of 64 x 64');
    expect(details).toContain('[1,1,0,5] is no box');
    expect(made.manifest.notes.join()).toContain('1 annotation with a box over the edge of its picture');
  });

  it('is refused where two pictures have one id, as after files were merged', async () => {
    const twice = { ...boxesOf([[1, 1, 2, 2]]), images: [...images, { id: 0, file_name: '3.png' }] };
    await expect(fileOf('c.json', JSON.stringify(twice))).rejects.toMatchObject({
      problem: { what: 'The image id 0 stands for "0.png" and for "3.png".', where: 'c.json, "images"' },
    });
  });
});

it('VQAv2 notes answers whose questions are not there', async () => {
  const answered = [0, 7].map((id) => ({ question_id: id, image_id: 0, answers: [{ answer: 'red' }] }));
  const root = await folderOf({
    'a_questions.json': JSON.stringify({ questions: [{ question_id: 0, image_id: 0, question: 'Which?' }] }),
  });
  writeFileSync(path.join(root, 'a_annotations.json'), JSON.stringify({ annotations: answered }));
  const made = await build({ root, files: ['a_questions.json'] });
  expect(made.manifest.counts).toMatchObject({ read: 1, used: 1 });
  expect(made.manifest.notes.join()).toContain('a_questions.json: 1 annotation of questions that are not there.');
});
