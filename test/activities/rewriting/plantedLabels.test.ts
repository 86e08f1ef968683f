import type { Change } from '../../../config/rewriting.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';
import { freshFolder, removeFreshFolders } from '../data/build.js';
import { ok, StandIn } from '../vlm/standIn.js';
import { rewrite, writeTask } from './builders.js';

afterAll(removeFreshFolders);

const labels = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox', 'gnu', 'hen', 'ibis', 'jay'];

interface Row {
  id: string;
  truth: string;
  /** What stands in the data. */
  answer: string;
  /** What the model takes it for where it errs. */
  mistake: string;
  /** The model errs here most of the time. */
  hard: boolean;
}

function rowsOf(draw: () => number): Row[] {
  const other = (label: string) => labels[(labels.indexOf(label) + 1 + Math.floor(draw() * 9)) % 10] ?? '';
  return Array.from({ length: 200 }, (_, index) => {
    const truth = labels[Math.floor(draw() * 10)] ?? '';
    const answer = index % 10 === 0 ? other(truth) : truth;
    return { id: `item${index}x`, truth, answer, mistake: other(truth), hard: draw() < 0.14 };
  });
}

/** How the review queue finds the rows with a wrong label, where the model errs as `errs` says. */
async function queueOf(errs: (row: Row, draw: () => number) => boolean) {
  const draw = uniformFrom(4);
  const rows = rowsOf(draw);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const root = freshFolder();
  await writeTask(root, rows);
  const server = new StandIn(({ text }) => {
    const row = byId.get(/item\d+x/.exec(text)?.[0] ?? '');
    return ok(row === undefined ? '' : errs(row, draw) ? row.mistake : row.truth);
  });
  const baseUrl = await server.start();
  const made = await rewrite({ root, baseUrl, answer: { kind: 'label', labels }, plan: { concurrency: 1 } });
  await server.stop();
  const isWrong = ({ record }: { record: string }) => byId.get(record)?.answer !== byId.get(record)?.truth;
  const part = (changes: Change[]) => ({ size: changes.length, found: changes.filter(isWrong).length });
  const unanimous = part(made.changes.filter(({ rank }) => rank === 0));
  return { unanimous, top: part(made.changes.slice(0, 20)), all: part(made.changes) };
}

describe('20 wrong labels among 200, and a model that is right 90 % of the time', () => {
  it('fill the top of the review queue where its errors are independent', async () => {
    const { unanimous, top, all } = await queueOf((_row, draw) => draw() < 0.1);
    console.info('independent errors', { unanimous, top, all });
    expect(unanimous.found / unanimous.size).toBeGreaterThanOrEqual(0.9);
    expect(top.found).toBeGreaterThanOrEqual(17);
    expect(all.found).toBeGreaterThanOrEqual(18);
  });

  it('are most of the queue where it errs again and again at the same pictures, which is why a person decides', async () => {
    const { unanimous, top, all } = await queueOf(({ hard }, draw) => hard && draw() < 0.7);
    console.info('errors that repeat', { unanimous, top, all });
    expect(unanimous.found / unanimous.size).toBeGreaterThanOrEqual(0.5);
    expect(unanimous.found).toBeGreaterThanOrEqual(15);
    expect(all.found).toBeGreaterThanOrEqual(18);
  });
});
