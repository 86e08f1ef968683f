import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { addEntry, type NewEntry, readHistory } from '../../activities/champions/history.js';
import { createChampionActivities } from '../../activities/champions/index.js';
import type { ContestInput } from '../../activities/evaluation/contest.js';
import { writeJson } from '../../activities/storage/files.js';
import type { CallInput } from '../../activities/webhook/index.js';
import type { Decision } from '../../config/decisions.js';
import { RoundProgress } from '../../config/progress.js';
import type { ChampionEntry, RetrainResult } from '../../config/retraining.js';
import { bounded } from '../../workers/boundary.js';
import { datasetOf, newEntry } from '../activities/champions/builders.js';
import { freshFolder, removeFreshFolders } from '../activities/data/build.js';
import { until } from '../e2e/until.js';
import { type LocalTemporal, startLocalTemporal } from './localTemporal.js';
import { evaluationOf, everythingWorks, type Script, scriptedActivities } from './scriptedActivities.js';

jest.setTimeout(240_000);

/** What one round finds; each test changes only what matters to it. */
interface Found extends Partial<Script> {
  digest: string;
  news: { window: number; train: number };
  gate: Decision<string>['verdict'];
  /** Share right on the new test items, of both. */
  windowScore: number;
}

const won: Found = { digest: 'd2', news: { window: 60, train: 100 }, gate: 'promote', windowScore: 0.97 };

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

describe('retrain', () => {
  let temporal: LocalTemporal;

  beforeAll(async () => {
    temporal = await startLocalTemporal();
  });
  afterAll(async () => {
    await temporal.teardown();
    removeFreshFolders();
  });

  interface Played {
    result: RetrainResult;
    progress: RoundProgress;
    calls: string[];
    told: CallInput[];
  }

  /** Plays one round on a project folder: the history is real, figures are scripted. */
  async function play(
    root: string,
    change: Partial<Found> = {},
    retrain: object = {},
    act: (handle: WorkflowHandle) => Promise<void> = async () => undefined,
  ): Promise<Played> {
    const found = { ...won, ...change };
    const [calls, told]: [string[], CallInput[]] = [[], []];
    const scripted = scriptedActivities({ ...everythingWorks, settings: quickly, ...change }, calls);
    const activities = {
      ...scripted,
      ...createChampionActivities({ root }),
      buildDatasetFolder: async ({ source }: { source: { name: string; keepSplitsOf?: string } }) => {
        calls.push(`build ${source.name}${source.keepSplitsOf ? ` keeping ${source.keepSplitsOf}` : ''}`);
        return { ...datasetOf(found.digest), bySplit: { train: 500, dev: 50, validation: 150, test: 300 } };
      },
      findNewRecords: async ({ before }: { before: string }) => {
        calls.push(`news since ${before}`);
        const drift = { verdict: 'same', reason: 'Alike.', evidence: {} };
        return { windowUri: 'file:///w.jsonl', ...found.news, trainBefore: 500, drift };
      },
      evaluateOverEndpoint: async (input: { name: string }) =>
        input.name.endsWith('-window')
          ? evaluationOf(input.name, found.windowScore)
          : scripted.evaluateOverEndpoint(input),
      holdContest: async ({ limits, anchorOfBest }: ContestInput) => {
        calls.push(`contest ${limits.round}${anchorOfBest ? ' and the best' : ''}`);
        const gains = found.gate === 'promote' ? 0.02 : -0.01;
        return { verdict: found.gate, reason: `The gate says ${found.gate}.`, evidence: { windowLower: gains } };
      },
      checkWebhook: async () => undefined,
      callWebhook: async (call: CallInput) => {
        told.push(call);
      },
    };
    return temporal.run('retrain', { args: [{ task: 'digits', retrain }], activities }, async (handle) => {
      await act(handle);
      const result = (await handle.result()) as RetrainResult;
      return { result, progress: RoundProgress.parse(await handle.query('progress')), calls, told };
    });
  }

  /** A short recipe, for it is not what is tested here. */
  const quickly = {
    onQuestion: 'stop' as const,
    sweep: { learningRates: [1e-3] },
    mix: { ratios: [{ business: 1, generic: 1 }] },
    align: { when: 'off' as const },
  };

  const dataset = datasetOf('d1');
  const champion = { modelUri: 'file:///models/first', run: 'boost-digits.1', dataset };
  const crowned: NewEntry = newEntry({ task: 'digits', key: 'round-1', champion, round: { dataset, contest: false } });
  const keptAt = (digest: string, change: Partial<NewEntry['round']> = {}): NewEntry =>
    newEntry({
      task: 'digits',
      key: `round-${digest}`,
      verdict: 'kept',
      champion,
      round: { dataset: datasetOf(digest), keptSplitsOf: dataset.uri, ...change },
    });

  /** A project folder with the task and its history; with its first champion where nothing is said. */
  async function project(history: NewEntry[] = [crowned]): Promise<string> {
    const root = freshFolder();
    await mkdir(path.join(root, 'digits'));
    const answer = { kind: 'label', labels: ['0', '1'] };
    await writeJson(path.join(root, 'digits', 'task.json'), {
      name: 'digits',
      records: ['records.jsonl'],
      answer,
      target: { score: 0.9 },
    });
    for (const entry of history) await addEntry(folderIn(root), entry.key, () => entry);
    return root;
  }
  const folderIn = (root: string) => path.join(root, '.anneal', 'champions', 'digits');
  const historyIn = (root: string): Promise<ChampionEntry[]> => readHistory(folderIn(root));
  const trainings = (calls: string[]) => calls.filter((call) => call.startsWith('train'));

  it.concurrent('makes the first model that solves the task its champion', async () => {
    const root = await project([]);
    const { result, calls } = await play(root, { digest: 'd1' });
    expect(result).toMatchObject({ verdict: 'first', version: 1, webhook: null });
    expect(result.champion?.modelUri).toMatch(/\/runs\/retrain-test-\d+\.boost\..*\/model$/);
    expect(calls.filter((call) => /^(news|contest)/.test(call))).toEqual([]);
    expect((await historyIn(root)).map(({ verdict, key }) => [verdict, key])).toEqual([['first', result.run]]);
  });

  it.concurrent('makes none of a recipe that ends without a model, and says why', async () => {
    const root = await project([]);
    const { result } = await play(root, { digest: 'd1', promptScore: 0.97 });
    expect(result).toMatchObject({ verdict: 'refused', champion: null });
    expect(result.reason).toContain('No challenger came of it. A prompt is enough');
  });

  it.concurrent('skips data that is what it was, before anything is served or trained', async () => {
    const root = await project();
    const { result, calls } = await play(root, { digest: 'd1' });
    expect(result).toMatchObject({ verdict: 'unchanged', version: 1 });
    expect(calls.toSorted()).toEqual(['build digits', 'build generic']);
    expect(await historyIn(root)).toHaveLength(1);
  });

  it.concurrent('skips after a refused round too, until the data changes again', async () => {
    const root = await project([crowned, keptAt('bad')]);
    expect((await play(root, { digest: 'bad' })).result.verdict).toBe('unchanged');
  });

  it.concurrent.each([
    ['little to learn', { window: 60, train: 3 }, '3 new training records'],
    ['nothing to meet on', { window: 4, train: 100 }, 'Only 4 new test items'],
  ])('waits where there is %s', async (_, news, says) => {
    const { result, calls } = await play(await project(), { news });
    expect(result).toMatchObject({ verdict: 'waits', version: 1, reason: expect.stringContaining(says) });
    expect(trainings(calls)).toEqual([]);
  });

  it.concurrent('trains a challenger by the recipe on all data, and promotes the one that wins', async () => {
    const root = await project();
    const { result, calls, progress } = await play(root, {});
    expect(result).toMatchObject({ verdict: 'promoted', reason: 'The gate says promote.', version: 2 });
    expect(trainings(calls).at(-1)).toBe('train fine');
    expect(calls.filter((call) => call.startsWith('serve contest'))).toHaveLength(2);
    expect(calls).toContain('contest 1');
    expect(progress.decisions.map(({ id }) => id)).toEqual([
      'retrain/drift',
      'retrain/enough',
      'retrain/promotion',
      'retrain/labels',
    ]);
    const [first, second] = await historyIn(root);
    expect(second?.champion).toEqual(second?.round?.challenger);
    expect(second?.champion?.modelUri).not.toBe(first?.champion?.modelUri);
  });

  it.concurrent('keeps the splits of the first champion’s dataset, also in the challenger’s own run', async () => {
    const { calls } = await play(await project(), {});
    const builds = calls.filter((call) => call.startsWith('build digits'));
    expect(builds.slice(0, 2)).toEqual(['build digits', 'build digits keeping file:///data/d1']);
  });

  it.concurrent('spends alpha over the rounds, and lets a challenger meet the best champion too', async () => {
    const best = { ...champion, modelUri: 'file:///models/best' };
    const history = [
      { ...crowned, champion: best },
      keptAt('d2', { anchorScores: { champion: 0.99, challenger: 0.95 } }),
      keptAt('d3', { anchorScores: { champion: 0.95, challenger: 0.9 } }),
    ];
    const root = await project(history);
    const { calls } = await play(root, { digest: 'd4' });
    expect(calls).toContain('contest 3 and the best');
    expect(calls.filter((call) => call.startsWith('serve contest'))).toHaveLength(3);
    const [last] = (await historyIn(root)).slice(-1);
    expect(last).toMatchObject({ version: 4, verdict: 'promoted', round: { contest: true } });
  });

  it.concurrent.each([
    ['keep', 0.97, 'kept', 'The gate says keep.'],
    ['cannotTell', 0.97, 'kept', 'The gate says cannotTell.'],
    ['keep', 0.3, 'refused', 'The labels of the new records look wrong'],
  ])('leaves the champion where the gate says %s and new items score %d', async (gate, windowScore, verdict, says) => {
    const root = await project();
    const [before] = await historyIn(root);
    const { result } = await play(root, { gate, windowScore });
    expect(result).toMatchObject({ verdict, reason: expect.stringContaining(says), champion: before?.champion });
  });

  /** Says it to the round; returns what it answers, a refusal too. */
  const say = (handle: WorkflowHandle, update: 'approve' | 'overrule', input: object): Promise<string> =>
    handle
      .executeUpdate<string, [object]>(update, { args: [{ by: 'Ada', why: 'seen', ...input }] })
      .catch((error: Error) => (error.cause as Error).message);
  const overrule = (handle: WorkflowHandle, decision: string, verdict: string) =>
    say(handle, 'overrule', { decision, verdict });

  /** Trainings that wait until they are let go. */
  function heldTraining() {
    const [begin, release] = [gate(), gate()];
    const whileTraining = () => {
      begin.open();
      return release.opened;
    };
    return { whileTraining, begun: begin.opened, letGo: release.open };
  }

  const refusedOverrules = [
    ['promptFirst', 'notEnough', 'A round does not decide promptFirst.'],
    ['retrain/promotoin', 'keep', 'Did you mean retrain/promotion?'],
    ['retrain/promotion', 'yes', 'Say promote or keep.'],
  ] as const;

  const questionOf = (handle: WorkflowHandle) =>
    until(
      'the question',
      async () => {
        const { state, question } = await handle.query<RoundProgress>('progress');
        return state === 'waiting' ? question : undefined;
      },
      { seconds: 150 },
    );

  it.concurrent('waits for a person where it is told to, and refuses a second word', async () => {
    const root = await project();
    const { result } = await play(root, {}, { approval: 'wait' }, async (handle) => {
      const question = await questionOf(handle);
      expect(question).toContain('Send the update approve');
      expect(await say(handle, 'approve', { promote: 'yes' })).toContain('promote: ');
      expect(await say(handle, 'approve', { promote: false })).toBe('The champion stays.');
    });
    expect(result).toMatchObject({ verdict: 'kept', reason: expect.stringContaining('Ada refused: seen.') });
    const approved = await play(root, { digest: 'd3' }, { approval: 'wait' }, async (handle) => {
      await questionOf(handle);
      expect(await say(handle, 'approve', { promote: true })).toBe('The challenger takes over.');
    });
    expect(approved.result).toMatchObject({ verdict: 'promoted', reason: expect.stringContaining('Ada approved') });
  });

  it.concurrent('goes by a person’s verdict, said ahead, and refuses what it can’t take', async () => {
    const root = await project();
    const held = heldTraining();
    const { result, progress } = await play(root, { gate: 'keep', ...held }, { approval: 'wait' }, async (handle) => {
      expect(await say(handle, 'approve', { promote: true })).toContain('The round does not wait for approval');
      for (const [decision, verdict, says] of refusedOverrules)
        expect(await overrule(handle, decision, verdict)).toContain(says);
      const noted = 'Noted: retrain/promotion will be promote.';
      expect(await overrule(handle, 'retrain/promotion', 'promote')).toBe(noted);
      held.letGo();
    });
    expect(result).toMatchObject({
      verdict: 'promoted',
      reason: expect.stringContaining('Ada overruled "keep": seen.'),
    });
    expect(progress.decisions.map(({ id }) => id)).toEqual([
      'retrain/drift',
      'retrain/enough',
      'retrain/promotion',
      'retrain/labels',
    ]);
  });

  it.concurrent('stops its challenger where a person says in mid-training that it shall wait', async () => {
    const held = heldTraining();
    const root = await project();
    const { result } = await play(root, held, {}, async (handle) => {
      await held.begun;
      expect(await overrule(handle, 'retrain/enough', 'wait')).toContain('The round goes back to retrain/enough');
      held.letGo();
    });
    expect(result).toMatchObject({ verdict: 'waits', reason: expect.stringContaining('Ada overruled "train": seen.') });
    expect(await historyIn(root)).toHaveLength(1);
  });

  it.concurrent('goes back where a person overrules what it waits upon, and repeats nothing', async () => {
    const { result, calls } = await play(await project(), {}, { approval: 'wait' }, async (handle) => {
      await questionOf(handle);
      expect(await overrule(handle, 'retrain/enough', 'wait')).toContain('costs test items');
      expect(await overrule(handle, 'retrain/drift', 'drifted')).toContain('was decided upon it already');
      expect(await overrule(handle, 'retrain/labels', 'doubtful')).toContain('goes back to retrain/labels');
    });
    expect(result).toMatchObject({ verdict: 'refused', reason: expect.stringContaining('Ada overruled "fit": seen.') });
    expect(calls.filter((call) => /^(build digits|contest|train fine)/.test(call))).toEqual([
      'build digits',
      'build digits keeping file:///data/d1',
      expect.stringMatching(/^build digits/),
      'train fine',
      'contest 1',
    ]);
  });

  it.concurrent('keeps the champion where nobody approves in time', async () => {
    const { result } = await play(await project(), {}, { approval: 'wait', approvalHours: 0.0005 });
    expect(result).toMatchObject({ verdict: 'kept', reason: expect.stringContaining('Nobody approved') });
  });

  it.concurrent('tells the webhook how a round ended, once, by the round’s name', async () => {
    const webhook = { url: 'https://example.org/hook' };
    const root = await project();
    const { result, told } = await play(root, {}, { webhook });
    expect(result.webhook).toBe('told');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      id: result.run,
      event: { type: 'retrain.promoted', task: 'digits', version: 2, champion: result.champion?.modelUri },
    });
    expect((await play(root, {}, { webhook })).told).toEqual([]);
  });

  it.concurrent.each([
    [{ retrain: { alhpa: 0.1 } }, 'alpha'],
    [{ retrain: { webhook: { url: 'ftp://example.org' } } }, 'webhook'],
    [{ task: 'nowhere', retrain: {} }, 'no task file'],
  ])('refuses %j before anything is done', async (input, says) => {
    const root = await project([]);
    const activities = bounded({ ...createChampionActivities({ root }), checkWebhook: async () => undefined });
    const failing = temporal.run('retrain', { args: [{ task: 'digits', ...input }], activities }, (handle) =>
      handle.result(),
    );
    await expect(failing).rejects.toMatchObject({ cause: { message: expect.stringContaining(says) } });
  });
});
