import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEvaluationActivities } from '../../../activities/evaluation/index.js';
import type { AnswerRow } from '../../../config/evaluation.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'anneal-parity-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function rowOf({
  id,
  given,
  expected = '7',
  outcome = 'answered',
}: Pick<AnswerRow, 'id' | 'given'> & Partial<AnswerRow>) {
  const about = { group: id, slice: null, question: 'Which digit?', image: null, reason: null, valid: true };
  const figures = { score: 0, repaired: 0, promptTokens: 0, completionTokens: 0, milliseconds: 0 };
  return { id, ...about, expected, given, outcome, ...figures };
}

async function compare(offline: { id: string; answer: string }[], served: ReturnType<typeof rowOf>[]) {
  const uris = { offlineUri: path.join(folder, 'offline.jsonl'), answersUri: path.join(folder, 'answers.jsonl') };
  await writeFile(uris.offlineUri, offline.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await writeFile(uris.answersUri, served.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const answer = { kind: 'text', ignoreCase: true } as const;
  return createEvaluationActivities({ log: { info: () => {} } }).compareParity({ ...uris, answer });
}

describe('compareParity', () => {
  it('counts equal answers after trimming, scores both sides and shows the first difference', async () => {
    const offline = [
      { id: 'a', answer: '7' },
      { id: 'b', answer: '7' },
      { id: 'c', answer: '3' },
    ];
    const served = [rowOf({ id: 'a', given: ' 7\n' }), rowOf({ id: 'b', given: '1' }), rowOf({ id: 'c', given: '5' })];
    expect(await compare(offline, served)).toEqual({
      probes: 3,
      agree: 1,
      trainerScore: 2 / 3,
      servedScore: 1 / 3,
      firstDifference: 'b: the trainer said "7", the server said "1".',
    });
  });

  it('does not blame the server’s model for transport faults, nor compare what one side was not asked', async () => {
    const offline = [
      { id: 'a', answer: '7' },
      { id: 'b', answer: '7' },
      { id: 'only offline', answer: '7' },
    ];
    const excluded = rowOf({ id: 'b', given: null, outcome: 'excluded' });
    const served = [rowOf({ id: 'a', given: '7' }), excluded, rowOf({ id: 'only served', given: '7' })];
    expect(await compare(offline, served)).toMatchObject({ probes: 1, agree: 1, firstDifference: null });
  });

  it('compares an adapter with the model that it was merged into', async () => {
    const file = (name: string) => path.join(folder, `${name}.jsonl`);
    const [adapter, merged, answers] = [file('adapter'), file('merged'), file('answers')];
    const lines = (said: string[]) =>
      said.map((answer, index) => `${JSON.stringify({ id: `${index}`, answer })}\n`).join('');
    await writeFile(adapter, lines(['1', '2', '3']));
    await writeFile(merged, lines(['1', '2 ', '4']));
    await writeFile(answers, `${JSON.stringify(rowOf({ id: '0', given: '1' }))}\n`);
    const answer = { kind: 'text', ignoreCase: true } as const;
    const uris = { offlineUri: adapter, mergedUri: merged, answersUri: answers };
    const parity = await createEvaluationActivities({ log: { info: () => {} } }).compareParity({ ...uris, answer });
    expect(parity).toMatchObject({
      probes: 1,
      agree: 1,
      merged: { probes: 3, agree: 2, firstDifference: '2: the adapter said "3", the merged model said "4".' },
    });
  });

  it('counts a refusal as a difference', async () => {
    const refused = rowOf({ id: 'a', given: null, outcome: 'refused' });
    const parity = await compare([{ id: 'a', answer: '' }], [refused]);
    expect(parity).toMatchObject({
      probes: 1,
      agree: 0,
      firstDifference: expect.stringContaining('the server said nothing'),
    });
  });

  it('gives no probes, and no NaN, where nothing can be compared', async () => {
    expect(await compare([], [])).toMatchObject({ probes: 0, agree: 0, trainerScore: 0, servedScore: 0 });
  });

  it('names file and record of a line of another shape', async () => {
    const wrong = JSON.parse('{"id": "a", "answer": 5}');
    await expect(compare([{ id: 'b', answer: '7' }, wrong], [])).rejects.toMatchObject({
      problem: { type: 'DatasetInvalid', where: expect.stringContaining('offline.jsonl, record 2') },
    });
  });
});
