import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ItemErrors } from '../../../activities/training/itemErrors.js';
import type { TrainingEvent } from '../../../config/training.js';
import { foldEvents } from '../../../workflows/policies/progress.js';

/** A job whose evaluations left items: losses of three records by point. */
async function jobOf(losses: number[][], { attempts = 1 } = {}) {
  const job = await mkdtemp(path.join(tmpdir(), 'anneal-items-'));
  await mkdir(path.join(job, 'items'));
  const events: TrainingEvent[] = [];
  for (const [index, items] of losses.entries()) {
    const file = `items/${index}-${attempts}.json`;
    const validation = Object.fromEntries(items.map((loss, item) => [`r${item}`, loss]));
    await writeFile(path.join(job, file), JSON.stringify({ validation }));
    events.push(evaluation(index, items, file));
  }
  const warnings: string[] = [];
  const errors = new ItemErrors(job, { info: () => undefined, warn: (message) => void warnings.push(message) });
  const onto = (seen = 0) => errors.onto(foldEvents(events).evaluations, events, seen);
  return { job, events, warnings, onto };
}

function evaluation(step: number, items: number[], file: string, attempt = 1): TrainingEvent {
  const mean = items.reduce((sum, loss) => sum + loss, 0) / items.length;
  const figures = { losses: { validation: mean }, standardErrors: { validation: 1 }, exact: { validation: 0 } };
  return { event: 'evaluation', time: 1, attempt, step, epoch: step, itemLosses: file, ...figures };
}

describe('errors of changes by item (R16, methods M7)', () => {
  it('are told since the first point and since the best one before, and of the first point not at all', async () => {
    const { onto } = await jobOf([
      [3, 5, 7],
      [1, 3, 5],
      [2, 4, 6.3],
    ]);
    const [first, second, third] = await onto();
    expect(first?.pairedErrors).toBeUndefined();
    expect(second?.pairedErrors).toEqual({ sinceFirst: { validation: 0 }, sinceBest: { validation: 0 } });
    // Since the first: -1, -1, -0.7. Since the second, the best: 1, 1, 1.3.
    expect(third?.pairedErrors?.sinceFirst['validation']).toBeCloseTo(0.1);
    expect(third?.pairedErrors?.sinceBest['validation']).toBeCloseTo(0.1);
  });

  it('take the items of the attempt that counts', async () => {
    const { job, events, onto } = await jobOf([
      [3, 5, 7],
      [1, 3, 5],
    ]);
    await writeFile(path.join(job, 'items/1-2.json'), JSON.stringify({ validation: { r0: 2, r1: 5, r2: 8 } }));
    events.push(evaluation(1, [2, 5, 8], 'items/1-2.json', 2));
    expect((await onto()).at(-1)?.pairedErrors?.sinceFirst['validation']).toBeCloseTo(1 / Math.sqrt(3), 3);
  });

  it('are left out where a trainer keeps no items, and where a file is broken, of which it warns once', async () => {
    const { job, events, onto, warnings } = await jobOf([
      [3, 5, 7],
      [1, 3, 5],
      [1, 3, 5],
    ]);
    await writeFile(path.join(job, 'items/2-1.json'), '{"validation": {"r0": ');
    events.push(evaluation(3, [1, 3, 5], 'items/none.json'));
    const points = await onto();
    expect(points.map(({ pairedErrors }) => pairedErrors !== undefined)).toEqual([false, true, false, false]);
    events.push(evaluation(4, [1, 3, 5], 'items/none.json'));
    await onto();
    expect(warnings).toEqual([expect.stringContaining('items/2-1.json')]);
  });

  it.each(['', 'items', 'items/0-1.json/x', '\0'])(
    'are left out where %j is no file, and no point is lost',
    async (file) => {
      const { events, onto } = await jobOf([[3, 5, 7]]);
      events.splice(0, 1, evaluation(0, [3, 5, 7], file));
      expect(await onto()).toMatchObject([{ step: 0, losses: { validation: 5 } }]);
      events.push(evaluation(0, [3, 5, 10], file));
      expect(await onto()).toMatchObject([{ step: 0, losses: { validation: 6 } }]);
    },
  );

  it('are not known where a record has no loss', async () => {
    const { job, onto } = await jobOf([
      [3, 5],
      [1, 3],
    ]);
    await writeFile(path.join(job, 'items/1-1.json'), JSON.stringify({ validation: { r0: 2, r1: null } }));
    expect((await onto())[1]?.pairedErrors).toEqual({
      sinceFirst: { validation: null },
      sinceBest: { validation: null },
    });
  });

  it('travel for the points that a verdict still to come looks at, and for 100 at most', async () => {
    const many = await jobOf(Array.from({ length: 120 }, (_, point) => [point, point + 1, point]));
    const carrying = (points: Awaited<ReturnType<typeof many.onto>>) =>
      points.flatMap(({ pairedErrors }, index) => (pairedErrors ? [index] : []));
    expect(carrying(await many.onto())).toEqual(Array.from({ length: 99 }, (_, index) => index + 1));
    const few = await jobOf(Array.from({ length: 12 }, (_, point) => [point, point + 1, point]));
    expect(carrying(await few.onto(10))).toEqual([7, 8, 9, 10, 11]);
  });
});
