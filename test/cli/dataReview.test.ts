import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freshFolder, removeFreshFolders } from '../activities/data/build.js';
import { rewrite, writeTask } from '../activities/rewriting/builders.js';
import { ok, StandIn } from '../activities/vlm/standIn.js';
import { anneal } from './shells.js';

afterAll(removeFreshFolders);

const env = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };

/** A finished rewriting of two records. */
async function rewriting(root: string) {
  await writeTask(root, [{ id: 'r1' }, { id: 'r2' }]);
  const server = new StandIn(() => ok('dog'));
  const made = await rewrite({
    root,
    baseUrl: await server.start(),
    answer: { kind: 'label', labels: ['cat', 'dog'] },
  });
  await server.stop();
  return made;
}

describe('anneal data review', () => {
  it('finds the rewriting that a downloaded CSV names, and says what it did', async () => {
    const root = freshFolder();
    const { changes, plan } = await rewriting(root);
    const [one, other] = changes.map(({ id }) => id);
    const rows = [`x.png,accept,,${one},${plan.run}`, `x.png,refuse,,${other},${plan.run}`];
    await writeFile(path.join(root, 'decisions.csv'), `image,decision,edited,id,run\n${rows.join('\n')}\n`);
    const { code, data } = await anneal(root, env, 'data', 'review', 'decisions.csv', '--by', 'Ada', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(data)).toMatchObject({ run: plan.run, written: 2, accepted: 1, refused: 1, open: 0 });
    expect(await readFile(path.join(root, 'reviews.jsonl'), 'utf8')).toContain('"by":"Ada"');
  });

  it('accepts all of a purpose by the folder, and only counts in a dry run', async () => {
    const root = freshFolder();
    const { plan } = await rewriting(root);
    const all = ['data', 'review', path.join('.anneal/rewrites', plan.run), '--accept-all-of', 'correct'];
    const dry = await anneal(root, env, ...all, '--dry-run');
    expect(dry.data).toContain('2 accepted, 0 edited, 0 refused; 0 were decided before, 0 are open.');
    expect(dry.data).toContain('Nothing was written');
    expect((await anneal(root, env, ...all)).data).toContain('2 decisions added to ');
  });

  it('ends with 2 and names the lines where a decision is at fault, or there is nothing to review', async () => {
    const root = freshFolder();
    const { plan, changes } = await rewriting(root);
    const file = path.join(root, 'decisions.csv');
    await writeFile(file, `image,decision,edited,id,run\nx.png,perhaps,,${changes[0]?.id},${plan.run}\n`);
    const faulty = await anneal(root, env, 'data', 'review', 'decisions.csv');
    expect([faulty.code, faulty.talk]).toEqual([2, expect.stringContaining('line 2: "perhaps" is no decision')]);
    await writeFile(file, 'image,decision,edited,id\nx.png,accept,,abc\n');
    expect((await anneal(root, env, 'data', 'review', file)).talk).toContain('does not say which rewriting');
    expect((await anneal(root, env, 'data', 'review', root)).talk).toContain('There is no finished rewriting');
    expect((await anneal(root, env, 'data', 'review', 'nowhere')).talk).toContain('There is no such file or folder.');
  });
});
