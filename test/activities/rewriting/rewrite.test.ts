import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { toPath } from '../../../activities/storage/files.js';
import { freshFolder, removeFreshFolders } from '../data/build.js';
import { type Call, ok, type Reply, StandIn } from '../vlm/standIn.js';
import { buildDataset, fatesOf, planOf, rewrite, rewriteDataset, writeTask } from './builders.js';

const servers: StandIn[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(removeFreshFolders);

async function standIn(answer: (call: Call, active: number) => Reply) {
  const server = new StandIn(answer);
  servers.push(server);
  return { server, baseUrl: await server.start() };
}

/** Replies by what the question is about; each run of a record gets the next of its replies. */
function scripted(replies: Record<string, string[]>) {
  const asked = new Map<string, number>();
  return ({ text }: Call): Reply => {
    const id = Object.keys(replies).find((each) => text.includes(each)) ?? '';
    const time = asked.get(id) ?? 0;
    asked.set(id, time + 1);
    const list = replies[id] ?? [];
    return ok(list[time % list.length] ?? '');
  };
}

const labels = { kind: 'label' as const, labels: ['cat', 'dog', 'bird'] };

describe('correct', () => {
  it('proposes where most runs agree on another label, the unanimous first, and asks blind to the label', async () => {
    const root = freshFolder();
    await writeTask(
      root,
      ['r1', 'r2', 'r3', 'r4'].map((id) => ({ id, answer: 'cat' })),
    );
    const { server, baseUrl } = await standIn(
      scripted({ r1: ['cat'], r2: ['dog', 'dog', 'bird'], r3: ['The answer is: dog.'], r4: ['dog', 'bird', 'cat'] }),
    );
    const { changes, ledger, result } = await rewrite({ root, baseUrl, answer: labels, plan: { concurrency: 1 } });
    expect(changes.map(({ record, before, after, agreement }) => [record, before, after, agreement?.agree])).toEqual([
      ['r3', 'cat', 'dog', 3],
      ['r2', 'cat', 'dog', 2],
    ]);
    expect(fatesOf({ ledger })).toEqual({ r1: 'unchanged', r2: 'proposed', r3: 'proposed', r4: 'unchanged' });
    expect(result.counts).toMatchObject({ read: 4, notConcerned: 0, calls: { asked: 12, answered: 12, lost: 0 } });
    for (const { body, images } of server.calls) {
      expect(images).toBe(1);
      expect(JSON.stringify(body['messages'])).not.toContain('cat');
    }
  });

  it('keeps before, after, model, prompt, source and line with every proposal', async () => {
    const root = freshFolder();
    await writeTask(root, [{ id: 'r1', answer: 'cat' }]);
    const { baseUrl } = await standIn(() => ok('dog'));
    const { changes, file } = await rewrite({ root, baseUrl, answer: labels });
    expect(changes).toEqual([
      expect.objectContaining({
        record: 'r1',
        source: 'records.jsonl',
        line: 1,
        before: 'cat',
        after: 'dog',
        purpose: 'correct',
        model: 'stand-in',
        endpoint: baseUrl,
        prompt: expect.stringMatching(/^[0-9a-f]{12}$/),
        reason: '3 of 3 runs gave this answer, 0 the one that stands there.',
        status: 'proposed',
        rank: 0,
      }),
    ]);
    const picture = path.resolve(path.dirname(file('changes.jsonl')), changes[0]?.pictures[0] ?? '');
    await expect(readFile(picture)).resolves.toBeInstanceOf(Buffer);
  });

  it('writes down refusals, cut, empty and excluded answers, and proposes nothing for them', async () => {
    const root = freshFolder();
    const ids = ['refused', 'cut', 'empty', 'sorry', 'broken', 'fine'];
    await writeTask(
      root,
      ids.map((id) => ({ id, answer: 'cat' })),
    );
    const { baseUrl } = await standIn(({ text }) => {
      if (text.includes('refused')) return { status: 200, body: { content: null, refusal: 'No.' } };
      if (text.includes('cut')) return { status: 200, body: { content: 'do', finish_reason: 'length' } };
      if (text.includes('broken')) return { status: 400, body: 'cannot identify image file' };
      if (text.includes('sorry')) return ok("I'm sorry, I can't help with that.");
      return ok(text.includes('empty') ? '' : 'cat');
    });
    const { ledger, changes, result } = await rewrite({ root, baseUrl, answer: labels });
    expect(changes).toEqual([]);
    expect(fatesOf({ ledger })).toEqual({
      refused: 'declined',
      cut: 'malformed',
      empty: 'malformed',
      sorry: 'declined',
      broken: 'unreached',
      fine: 'unchanged',
    });
    expect(result.counts.calls).toMatchObject({ asked: 18, answered: 15, unanswered: 3, lost: 0 });
  });
});

describe('answer', () => {
  it('proposes answers for rows that have none, and leaves the others alone', async () => {
    const root = freshFolder();
    await writeTask(root, [
      { id: 'r1', answer: null },
      { id: 'r2', answer: 'cat' },
    ]);
    const { baseUrl } = await standIn(() => ok('dog'));
    const { changes, result } = await rewrite({ root, baseUrl, answer: labels, plan: { purpose: 'answer' } });
    expect(changes).toEqual([expect.objectContaining({ record: 'r1', before: null, was: null, after: 'dog' })]);
    expect(result.counts).toMatchObject({ read: 2, notConcerned: 1 });
  });
});

describe('format', () => {
  const json = { kind: 'json' as const, fields: { count: 'integer' as const, name: 'string' as const } };

  it('mends by rule what a rule proves, and asks a model for the rest', async () => {
    const root = freshFolder();
    await writeTask(root, [
      { id: 'r1', answer: "{'count': 2, 'name': 'bolt',}" },
      { id: 'r2', answer: 'count is 3 and name is nut' },
      { id: 'r3', answer: '{"count": 1, "name": "pin"}' },
    ]);
    const { server, baseUrl } = await standIn(() => ok('{"count": 3, "name": "nut"}'));
    const { changes, ledger } = await rewrite({ root, baseUrl, answer: json, plan: { purpose: 'format' } });
    expect(changes).toEqual([
      expect.objectContaining({ record: 'r1', after: '{"count":2,"name":"bolt"}', model: null, lossless: true }),
    ]);
    expect(server.calls).toHaveLength(1);
    expect(fatesOf({ ledger })).toEqual({ r1: 'proposed', r2: 'withheld' });
  });

  it('takes a label out of a sentence through a model, and withholds another label', async () => {
    const root = freshFolder();
    await writeTask(root, [
      { id: 'r1', answer: 'It is a cat' },
      { id: 'r2', answer: 'It is a bird' },
    ]);
    const { baseUrl } = await standIn(() => ok('cat'));
    const { changes, ledger } = await rewrite({ root, baseUrl, answer: labels, plan: { purpose: 'format' } });
    expect(changes).toEqual([expect.objectContaining({ record: 'r1', after: 'cat', lossless: false })]);
    expect(ledger.find(({ record }) => record === 'r2')).toMatchObject({
      fate: 'withheld',
      given: 'cat',
      reason: expect.stringMatching(/^scorer: /),
    });
  });

  it('is applied without a person only where that is asked for and the kind proves it', async () => {
    const root = freshFolder();
    await writeTask(root, [{ id: 'r1', answer: '{"count": 2, "name": "bolt",}' }]);
    const { baseUrl } = await standIn(() => ok('UNCHANGED'));
    const wanted = { root, baseUrl, answer: json, plan: { purpose: 'format' as const } };
    await rewrite(wanted);
    await expect(readFile(path.join(root, 'reviews.jsonl'))).rejects.toThrow('ENOENT');
    const { ledger } = await rewrite({ ...wanted, plan: { ...wanted.plan, run: 'second', acceptLossless: true } });
    expect(fatesOf({ ledger })).toEqual({ r1: 'accepted' });
    expect(await buildDataset({ root, answer: json })).toMatchObject({ used: 1, rejected: 0 });
  });
});

describe('style', () => {
  it('proposes what keeps numbers, names and denials, and withholds what does not', async () => {
    const root = freshFolder();
    await writeTask(root, [
      { id: 'r1', answer: 'valve 3, closed, no leak' },
      { id: 'r2', answer: 'valve 4, closed, no leak' },
      { id: 'r3', answer: 'valve 5, open, no leak' },
    ]);
    const { server, baseUrl } = await standIn(
      scripted({
        r1: ['Valve 3 is closed, with no leak.'],
        r2: ['Valve 5 is closed, with no leak.'],
        r3: ['Valve 5 is open and leaks.'],
      }),
    );
    const { changes, ledger } = await rewrite({ root, baseUrl, plan: { purpose: 'style', concurrency: 1 } });
    expect(changes.map(({ record, after }) => [record, after])).toEqual([['r1', 'Valve 3 is closed, with no leak.']]);
    const reasons = Object.fromEntries(ledger.map(({ record, reason }) => [record, reason]));
    expect(reasons).toMatchObject({
      r2: 'numbers: lost 4; added 5',
      r3: expect.stringMatching(/^negations: 1 before, 0/),
    });
    expect(server.calls.map(({ images }) => images)).toEqual([0, 0, 0]);
  });

  it('asks a judge both ways in calls of their own, and withholds where it says no', async () => {
    const root = freshFolder();
    await writeTask(root, [
      { id: 'r1', answer: 'a small cat on a mat' },
      { id: 'r2', answer: 'a large dog on a rug' },
    ]);
    const { server, baseUrl } = await standIn(({ text }) => {
      if (text.includes('Text A:')) return ok(text.includes('Text A: A dog') ? 'No.' : 'yes');
      return ok(text.includes('r1') ? 'A small cat is on a mat.' : 'A dog is on a rug here.');
    });
    const judge = { baseUrl, model: 'judge', apiKeyVariable: null, server: null };
    const { changes, ledger } = await rewrite({ root, baseUrl, plan: { purpose: 'style', judge } });
    expect(changes).toEqual([expect.objectContaining({ record: 'r1' })]);
    expect(changes[0]?.checks.at(-1)).toEqual({ name: 'entailment', passes: true, detail: '' });
    expect(ledger.find(({ record }) => record === 'r2')?.reason).toBe('entailment: the judge says yes and no');
    expect(server.calls.filter(({ body }) => body['model'] === 'judge')).toHaveLength(4);
  });
});

describe('the store of answers', () => {
  it('asks nothing again, in another rewriting with other windows either', async () => {
    const root = freshFolder();
    await writeTask(
      root,
      Array.from({ length: 30 }, (_, index) => ({ id: `r${index}`, answer: 'cat' })),
    );
    const { server, baseUrl } = await standIn(() => ok('dog'));
    const wanted = { root, baseUrl, answer: labels };
    const first = await rewrite(wanted);
    const second = await rewrite({ ...wanted, plan: { run: 'second', windowRecords: 3, concurrency: 2 } });
    expect(server.calls).toHaveLength(90);
    expect(second.result.counts.calls).toEqual({ asked: 90, answered: 90, reused: 90, unanswered: 0, lost: 0 });
    expect(second.changes.map(({ id }) => id).sort()).toEqual(first.changes.map(({ id }) => id).sort());
  });

  it('lets a worker killed twice by SIGKILL go on: no answer is paid twice, calls in flight are counted', async () => {
    const root = freshFolder();
    await writeTask(
      root,
      Array.from({ length: 60 }, (_, index) => ({ id: `r${index}`, answer: 'cat' })),
    );
    const { server, baseUrl } = await standIn(() => ({ ...ok('dog'), after: 15 }));
    const plan = planOf({ root, baseUrl, answer: labels, plan: { concurrency: 6, windowRecords: 20 } });
    const { uri: dataset } = await buildDataset({ root, answer: labels });
    let lost = 0;
    for (const calls of [50, 110]) {
      const before = server.calls.length;
      const stored = (await storedKeys(plan.store)).length;
      const argument = JSON.stringify({ plan, dataset });
      const worker = spawn(process.execPath, ['--import', 'tsx', 'test/activities/rewriting/child.ts', argument], {
        stdio: 'inherit',
        env: { PATH: process.env['PATH'] },
      });
      while (server.calls.length < calls) await new Promise((resolve) => setTimeout(resolve, 5));
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      const inFlight = server.calls.length - before - ((await storedKeys(plan.store)).length - stored);
      expect(inFlight).toBeLessThanOrEqual(plan.concurrency);
      lost += inFlight;
    }
    const { counts } = await rewriteDataset(plan, dataset);
    const keys = await storedKeys(plan.store);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(180);
    expect(server.calls).toHaveLength(180 + lost);
    // A call that was begun may not have reached the endpoint when its worker died: what is told is never too little.
    expect(counts.calls).toMatchObject({ asked: 180 + counts.calls.lost, answered: 180 });
    expect(counts.calls.lost).toBeGreaterThanOrEqual(lost);
    expect(counts.calls.lost).toBeLessThanOrEqual(2 * plan.concurrency);
    expect(counts.fates).toMatchObject({ proposed: 60 });
  }, 120_000);
});

/** Keys of the answers that were received, as often as they were written. */
async function storedKeys(store: string): Promise<string[]> {
  const names = await readdir(toPath(store)).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(path.join(toPath(store), name), 'utf8')));
  const lines = texts.flatMap((text) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  );
  return lines.flatMap((line) => ('given' in line ? [line.key] : []));
}
