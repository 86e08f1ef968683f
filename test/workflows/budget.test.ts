import { jest } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { BudgetSettings, ExtendBudget } from '../../config/budget.js';
import type { RecordedDecision } from '../../config/decisions.js';
import type { BoostResult, ReportFacts } from '../../config/report.js';
import {
  decisionsQuery,
  extendBudgetUpdate,
  overruleUpdate,
  progressQuery,
  stopUpdate,
} from '../../workflows/run/messages.js';
import { until } from '../e2e/until.js';
import { heldActivities } from './heldTrainer.js';
import { type LocalTemporal, startLocalTemporal } from './localTemporal.js';

jest.setTimeout(240_000);

const person = { by: 'Ada', why: 'worth it' };
const hours = (seconds: number) => seconds / 3600;

describe('a run with a budget', () => {
  let temporal: LocalTemporal;

  beforeAll(async () => {
    temporal = await startLocalTemporal();
  });
  afterAll(() => temporal.teardown());

  interface Played {
    result: BoostResult;
    decisions: RecordedDecision[];
    calls: string[];
    /** The checkpoints that were made whole models, in order. */
    exported: string[];
    facts: ReportFacts;
    jobNamed: ReturnType<typeof heldActivities>['jobNamed'];
  }

  interface Wish {
    /** The training that comes to step 12 and no further until it is stopped or let go. */
    held: string;
    budget?: BudgetSettings;
    onQuestion?: 'wait' | 'default';
    secondsAStep?: number;
  }

  async function play(
    { held, budget, onQuestion = 'wait', secondsAStep = 0.1 }: Wish,
    act: (handle: WorkflowHandle, letGo: () => void) => Promise<void> = async () => undefined,
  ): Promise<Played> {
    const calls: string[] = [];
    const exported: string[] = [];
    const quick = { sweep: { learningRates: [1e-3] }, mix: { ratios: [{ business: 1, generic: 1 }] } };
    const settings = { onQuestion, ...quick, align: { when: 'off' as const }, ...(budget ? { budget } : {}) };
    const script = { settings, exported: (checkpoint: string) => exported.push(checkpoint) };
    const hold = { training: held, at: 12, secondsAStep };
    const { activities, jobNamed, letGo } = heldActivities(script, hold, calls);
    let facts: ReportFacts | null = null;
    const renderReport = async (input: { folder: string; facts: ReportFacts }) => {
      facts = input.facts;
      return activities.renderReport(input);
    };
    const started = { args: [{ task: 'examples/digits' }], activities: { ...activities, renderReport } };
    return temporal.run('boost', started, async (handle) => {
      await act(handle, letGo);
      const result = (await handle.result()) as BoostResult;
      const decisions = await handle.query(decisionsQuery);
      return { result, decisions, calls, exported, facts: facts as unknown as ReportFacts, jobNamed };
    });
  }

  async function untilAsked(handle: WorkflowHandle) {
    let seen: unknown;
    const look = async () => {
      const progress = await handle.query(progressQuery);
      seen = JSON.stringify(progress);
      if (progress.state === 'failed') throw new Error(progress.verdict);
      return progress.state === 'waiting' ? progress : undefined;
    };
    return until('the run asks', look, { seconds: 150, seen: () => seen });
  }

  const untilResolved = (handle: WorkflowHandle) =>
    until('the recipe is resolved', async () => {
      const { step } = await handle.query(progressQuery);
      return step === 'resolveRecipe' ? undefined : step;
    });

  const extend = (handle: WorkflowHandle, caps: object) =>
    handle.executeUpdate(extendBudgetUpdate, { args: [{ ...caps, ...person } as ExtendBudget] });

  it.concurrent('pauses at a checkpoint in mid-training, asks, and goes on after extendBudget with no step repeated', async () => {
    const { result, decisions, jobNamed, facts, calls } = await play(
      { held: 'coarse', budget: { trainerHours: hours(1.5), prices: { trainerHour: 3600 } } },
      async (handle) => {
        const { question, budget, step } = await untilAsked(handle);
        expect(step).toBe('trainStaged');
        expect(question).toContain('trainer hours are spent');
        expect(question).toContain('extendBudget');
        expect(budget?.spent.trainerHours).toBeGreaterThanOrEqual(hours(1.5));
        expect(budget?.spent.money).toBeCloseTo((budget?.spent.trainerHours ?? 0) * 3600, 6);
        await extend(handle, { trainerHours: 10 });
      },
    );
    expect(result.outcome).toBe('tuned');
    const coarse = jobNamed('coarse');
    expect(coarse?.trained).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(coarse?.attempt).toBe(2);
    expect(calls).toContain('train fine');
    const asked = decisions.find(({ id }) => id === 'budget/1');
    expect(asked).toMatchObject({ verdict: 'extended', overruled: { verdict: 'reached', ...person } });
    expect(facts.budget?.caps.trainerHours).toBe(10);
    expect(facts.estimate?.trainRows).toBe(500);
  });

  it.concurrent('ends with what is there after stop: the checkpoint of the stage, evaluated, and no other training', async () => {
    const { result, decisions, calls, exported, jobNamed } = await play(
      { held: 'coarse', budget: { trainerHours: hours(1.5) } },
      async (handle) => {
        await untilAsked(handle);
        await handle.executeUpdate(stopUpdate, { args: [person] });
      },
    );
    expect(result.outcome).toBe('tuned');
    expect(jobNamed('coarse')?.step).toBe(12);
    expect(calls).not.toContain('train fine');
    expect(exported.at(-1)).toMatch(/coarse.*\/checkpoint-10$/);
    expect(decisions.find(({ id }) => id === 'budget/1')).toMatchObject({ verdict: 'ended' });
  });

  it.concurrent('closes as not solved where all training was ended before there was a model', async () => {
    const { result, calls } = await play({ held: 'sanity', budget: { trainerHours: hours(1) } }, async (handle) => {
      await untilAsked(handle);
      await handle.executeUpdate(stopUpdate, { args: [person] });
    });
    expect(result).toMatchObject({ outcome: 'notSolved', waitsForPerson: false });
    expect(result.verdict).toContain('Ada');
    expect(calls.filter((call) => call.startsWith('train'))).toEqual(['train sanity']);
  });

  it.concurrent('stops at a cap that nobody extends where it is not told to wait, and says that it waits', async () => {
    const { result, decisions } = await play({
      held: 'sanity',
      onQuestion: 'default',
      budget: { wallClock: hours(1) },
    });
    expect(result).toMatchObject({ outcome: 'notSolved', waitsForPerson: true });
    expect(decisions.find(({ id }) => id === 'budget/1')?.reason).toContain('nobody');
  });

  it.concurrent('refuses what does not extend, and answers that do not belong to it', async () => {
    await play({ held: 'sanity', budget: { trainerHours: hours(1), wallClock: 10 } }, async (handle) => {
      await untilResolved(handle);
      await expect(handle.executeUpdate(stopUpdate, { args: [person] })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('does not ask') },
      });
      await untilAsked(handle);
      for (const [caps, says] of [
        [{}, 'names no cap'],
        [{ trainerHours: hours(0.5) }, 'is not more than'],
        [{ wallClock: 20 }, 'Another cap is reached still'],
        [{ money: 100 }, 'prices.trainerHour'],
        [{ trainerHour: 1 }, 'Did you mean "trainerHours"'],
      ] as const)
        await expect(extend(handle, caps)).rejects.toMatchObject({ cause: { message: expect.stringContaining(says) } });
      const overruled = { decision: 'budget/1', verdict: 'extended', ...person };
      await expect(handle.executeUpdate(overruleUpdate, { args: [overruled] })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('extendBudget') },
      });
      await extend(handle, { trainerHours: 1 });
    });
  });

  it.concurrent('says early that a cap will be reached, and does not ask where it was extended in time', async () => {
    const { decisions, jobNamed } = await play(
      { held: 'coarse', secondsAStep: 1000, budget: { trainerHours: 1 } },
      async (handle, letGo) => {
        const warned = await until(
          'the run warns',
          async () => {
            const all = await handle.query(decisionsQuery);
            return all.find(({ id, verdict }) => id === 'budget/forecast' && verdict === 'willReach');
          },
          { seconds: 150 },
        );
        expect(warned.reason).toContain('coarse');
        await extend(handle, { trainerHours: 100 });
        letGo();
      },
    );
    expect(jobNamed('coarse')?.attempt).toBe(1);
    expect(decisions.find(({ id }) => id === 'budget/1')).toMatchObject({ verdict: 'extended' });
  });

  it.concurrent('is without a meter, and refuses extendBudget, where no budget is set', async () => {
    const { facts, decisions } = await play({ held: 'none' }, async (handle) => {
      await untilResolved(handle);
      await expect(extend(handle, { trainerHours: 1 })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('no budget') },
      });
    });
    expect(facts.budget).toBeUndefined();
    expect(decisions.filter(({ id }) => id.startsWith('budget/'))).toEqual([]);
  });
});
