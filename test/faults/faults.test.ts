import { jest } from '@jest/globals';
import { faultyRuns } from './faults.js';
import { faultTask } from './project.js';
import { type Outcome, play } from './scenario.js';
import { table } from './table.js';
import { attemptsOf, eventsOf, stepsInVain } from './trainings.js';

jest.setTimeout(6 * faultTask.runMinutes * 60_000);

const outcomes = new Map<string, Outcome>();
const errors = new Map<string, unknown>();

function outcomeOf(name: string): Outcome {
  const outcome = outcomes.get(name);
  if (outcome === undefined) throw errors.get(name);
  return outcome;
}

beforeAll(async () => {
  for (const run of [{ name: 'undisturbed', faults: [] }, ...faultyRuns])
    try {
      outcomes.set(run.name, await play(run));
    } catch (error) {
      errors.set(run.name, error);
    }
  const { seconds } = outcomeOf('undisturbed');
  process.stdout.write(`${table(outcomes, seconds).join('\n')}\n`);
});

describe('a run that nobody disturbs', () => {
  it('goes through every step and ends with a model', () => {
    const { decisions, trainings } = outcomeOf('undisturbed');
    const names = trainings.map(({ name }) => name.split('/')[0]);
    expect([...new Set(names)]).toEqual(['sanity', 'sweep', 'mix', 'coarse', 'fine']);
    expect(decisions.map(({ step }) => step)).toEqual(expect.arrayContaining(['promptFirst', 'evaluate']));
  });

  it('leaves nothing behind after Ctrl-C', () => {
    expect(outcomeOf('undisturbed')).toMatchObject({ exitCode: 0, leftBehind: [] });
  });
});

describe.each(faultyRuns)('a run with a $name', ({ name, faults }) => {
  it('ends as the undisturbed one does, by the same decisions', () => {
    const { decisions, result } = outcomeOf(name);
    const undisturbed = outcomeOf('undisturbed');
    const verdicts = (of: Outcome) => of.decisions.map(({ id, verdict }) => ({ id, verdict }));
    expect(verdicts(outcomeOf(name))).toEqual(verdicts(undisturbed));
    expect(decisions.map(({ evidence }) => evidence)).toEqual(undisturbed.decisions.map(({ evidence }) => evidence));
    expect(result.outcome).toBe(undisturbed.result.outcome);
  });

  it('repeats no step that a whole checkpoint had, and no question that was answered', () => {
    const { trainings, askedAgain } = outcomeOf(name);
    expect(trainings.flatMap(stepsInVain)).toEqual([]);
    expect(askedAgain).toEqual([]);
  });

  it('has one trainer a job at any moment, and a second one after the first only where that ended', () => {
    const { trainings, trainers, struck } = outcomeOf(name);
    expect(trainers.together).toEqual([]);
    for (const training of trainings) {
      const blow = struck.findIndex((each) => each.training === training.name);
      const expected = faults[blow]?.attempts ?? 1;
      expect([training.name, attemptsOf(training).length]).toEqual([training.name, expected]);
      const pids = new Set(eventsOf(training, 'started').map(({ pid }) => pid));
      expect(trainers.pids.get(training.folder)).toEqual(pids);
    }
  });

  it('starts a second model server only where the first was killed', () => {
    expect(Math.max(...outcomeOf(name).servers)).toBe(Math.max(...faults.map(({ servers }) => servers)));
  });

  it('leaves nothing behind', () => {
    const { struck, exitCode, leftBehind } = outcomeOf(name);
    expect({ complaints: struck.flatMap(({ complaints }) => complaints), exitCode, leftBehind }).toEqual({
      complaints: [],
      exitCode: 0,
      leftBehind: [],
    });
  });
});
