import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import { rowOf } from '../workflows/policies/builders.js';
import { makeRoot, removeRoot } from './dev/supervisor.js';
import { anneal } from './shells.js';

jest.setTimeout(30_000);

const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

describe('anneal compare (R17)', () => {
  let root: string;
  beforeAll(async () => {
    root = await makeRoot();
    await run('small', (index) => index < 300);
    await run('large', (index) => index < 340);
    await run('other', (index) => index < 340, 'another answer');
    await run('begun', null);
    const sure = Array.from({ length: 400 }, (_, index) => ({ id: `i${index}`, confidence: index < 300 ? 0.9 : 0.2 }));
    await writeFile(path.join(root, 'sure.jsonl'), lines(sure));
    await writeFile(path.join(root, 'task.json'), '{\n}\n');
    const curve = (model: string, rights: number[]) =>
      rights.map((correct, index) => ({ model, n: 250 * 2 ** index, correct, total: 4000 }));
    const large = curve('large', [3000, 3200, 3400]);
    await writeFile(path.join(root, 'closing.jsonl'), lines([...curve('small', [1000, 2200, 3400]), ...large]));
    await writeFile(path.join(root, 'short.jsonl'), lines([...curve('small', [1000, 2200]), ...large]));
    await writeFile(path.join(root, 'beyond.jsonl'), lines(curve('small', [5000])));
  });
  afterAll(() => removeRoot(root));

  /** A run whose model answers those of 400 test items right; null for one that has answered none yet. */
  async function run(task: string, right: ((index: number) => boolean) | null, expected = 'a') {
    const folder = path.join(root, '.anneal/runs', `boost-${task}.0123abcd`);
    await mkdir(folder, { recursive: true });
    const answers = path.join(folder, 'answers.jsonl');
    const rows = Array.from({ length: 400 }, (_, index) => {
      const score = right?.(index) ? 1 : 0;
      return rowOf({ id: `i${index}`, group: `g${index}`, expected, score, valid: true, milliseconds: index });
    });
    await writeFile(answers, lines(rows));
    const business = right === null ? null : { answersUri: pathToFileURL(answers).href };
    const times = { startedAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
    const head = { run: `boost-${task}.0123abcd`, workflowId: `boost-${task}`, state: 'done', verdict: '', step: '' };
    const report = { ...head, ...times, before: { business: null }, after: { business } };
    await writeFile(path.join(folder, 'report.json'), JSON.stringify(report));
  }

  const compare = (...argv: string[]) => anneal(root, {}, 'compare', ...argv);
  const prices = ['--small-cost', '1', '--large-cost', '11', '--training-cost', '500'];

  it('takes the large model where it surely pays, with the figures of both', async () => {
    const { code, data } = await compare('small', 'large', ...prices, '--value-per-right-answer', '1');
    expect(code).toBe(0);
    expect(data).toContain('take the large one (R17)');
    expect(data).toContain('10.0 % more right');
    expect(data).toMatch(/small: boost-small\.0123abcd +75\.0 % +1 +380 ms/);
    expect(data).toMatch(/large: boost-large\.0123abcd +85\.0 % +11 +380 ms/);
    expect(data).toContain('--confidence');
  });

  it('takes the small one where it does not, and names the break-even where nobody said a worth', async () => {
    const poor = await compare('small', 'large', ...prices, '--value-per-right-answer', '0.01');
    expect(poor.data).toContain('take the small one (R17)');
    const open = await compare('small', 'large', ...prices, '--json');
    expect(JSON.parse(open.data).choice).toMatchObject({
      verdict: 'cannotTell',
      takes: 'small',
      evidence: { breakEvenValue: expect.closeTo(0.15) },
    });
  });

  it('takes no price for none: where nobody said one, nobody can tell', async () => {
    const { code, data } = await compare('small', 'large', '--large-cost', '11', '--value-per-right-answer', '1');
    expect(code).toBe(0);
    expect(data).toContain('cannotTell: take the small one');
    expect(data).toContain('--small-cost');
    expect(data).toMatch(/small: boost-small\.0123abcd +75\.0 % +– /);
  });

  it('says from the learning curves whether twice the data would close the gap', async () => {
    const { data } = await compare('small', 'large', ...prices, '--curves', 'closing.jsonl');
    expect(data).toContain('With 2000 records the gap is forecast to close: collect data instead.');
    expect((await compare('small', 'large', ...prices)).data).not.toContain('forecast');
  });

  it('shows what a cascade brings, also as a page', async () => {
    const argv = ['--confidence', 'sure.jsonl', '--html', 'compared.html'];
    const { data } = await compare('small', 'large', ...prices, ...argv);
    expect(data).toMatch(/small, 10\.0 % go on to large +79\.0 % +2\.1/);
    const page = await readFile(path.join(root, 'compared.html'), 'utf8');
    expect(page).toContain('small, 10.0 % go on to large');
    expect(page).toContain('breakEvenValue');
  });

  it.each([
    [['small', 'begun'], 'has no answers on the test items yet'],
    [['small', 'other'], '400 of 400 test items have other expected answers'],
    [['small', 'lrge'], 'There is no run "lrge". Did you mean "large"?'],
    [['small', 'large', '--volume', 'many'], 'Write a number from 0 up'],
    [['small', 'large', '--confidence', 'nowhere.jsonl'], 'There is no such file.'],
    [['small', 'large', '--confidence', 'task.json'], 'task.json, line 1'],
    [['small', 'large', '--curves', 'short.jsonl'], 'The curve of the small model has 2 sizes'],
    [['small', 'large', '--curves', 'beyond.jsonl'], 'no more can be correct than total'],
  ])('refuses %j', async (argv, words) => {
    const { code, data, talk } = await compare(...argv);
    expect([code, data]).toEqual([2, '']);
    expect(talk).toContain(words);
  });
});
