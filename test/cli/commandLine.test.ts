import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { namedCommands } from '../../cli/program.js';
import { idleProgram } from '../../docs/commandTables.js';
import { makeRoot, removeRoot } from './dev/supervisor.js';
import { anneal } from './shells.js';

jest.setTimeout(20_000);

const commandNames = namedCommands(idleProgram()).map(({ words }) => words);

const env = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };

describe('the command line', () => {
  let root: string;
  beforeAll(async () => {
    root = await makeRoot();
  });
  afterAll(() => removeRoot(root));

  const run = (...argv: string[]) => anneal(root, env, ...argv);

  it('prints its help on stdout without arguments, with an example and the exit codes', async () => {
    const { code, data, talk } = await run();
    expect([code, talk]).toEqual([0, '']);
    for (const command of idleProgram().commands) expect(data).toMatch(new RegExp(`^  ${command.name()} `, 'm'));
    expect(data).toContain('Example:     anneal start examples/digits');
    expect(data).toContain('4 waits for a person');
  });

  it.each(commandNames)('explains %s with one example of it, and takes --json', async (name) => {
    const { code, data } = await run(...name.split(' '), '--help');
    expect(code).toBe(0);
    expect(data).toMatch(new RegExp(`^Usage: anneal ${name} `));
    expect(data).toContain('--json');
    expect(data.match(/^Example: {2}anneal .*$/gm)?.join()).toMatch(new RegExp(`^Example: {2}anneal ${name}\\b`));
    for (const line of data.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it('lists the commands of a group when only the group is named', async () => {
    const { code, data } = await run('data');
    expect(code).toBe(0);
    for (const name of ['build', 'check', 'show', 'diff', 'export'])
      expect(data).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each([
    [['strat'], 'Did you mean start?'],
    [['run', 'x', '--wiat'], 'Did you mean --wait?'],
    [['run'], "missing required argument 'task'"],
    [['dev', '--port', '70000'], 'A port is a whole number from 1 to 65535.'],
    [['plan', 'x', '--set', 'epochs'], 'Write it as path=value'],
    [['overrule', 'a', 'b', 'c'], "required option '--why <reason>'"],
    [['approve', 'a'], "required option '--why <reason>'"],
    [['budget', 'a', '--trainer-hours', '0', '--why', 'x'], 'A cap is a number above 0'],
    [['budget', 'a', '--why', 'x'], 'No cap is named'],
    [['budget', 'a', '--stop', '--money', '3', '--why', 'x'], 'exclude each other'],
    [['data', 'chek', 'x'], 'Did you mean check?'],
    [['data', 'export', 'x', '--into', 'y', '--to', 'csv'], 'Allowed choices are trl, ms-swift'],
    [['run', 'x', '--on-question', 'never'], 'Allowed choices are wait, stop, default.'],
  ])('refuses %j with what, where and what to do, and exit code 2', async (argv, words) => {
    const { code, data, talk } = await run(...argv);
    expect([code, data]).toEqual([2, '']);
    expect(talk).toContain(words);
    expect(talk).toMatch(
      /\n {2}where: the command line: anneal .*\n {2}do: {4}anneal (\w+ ){0,2}--help shows what there is\.\n$/,
    );
  });

  it('says a problem as JSON on stdout too, with --json', async () => {
    const { code, data, talk } = await run('plan', 'nowhere', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(data).error).toMatchObject({ type: 'InvalidInput', what: 'There is no task file there.' });
    expect(talk).toContain('There is no task file there.');
  });

  it('prints a stack only with --debug', async () => {
    expect((await run('plan', 'nowhere')).talk).not.toContain('    at ');
    expect((await run('plan', 'nowhere', '--debug')).talk).toContain('    at ');
  });

  it('says how to start an engine where a command needs one, and ends with 3', async () => {
    const { code, talk } = await run('cancel', 'digits');
    expect(code).toBe(3);
    expect(talk).toContain('No engine runs for this folder.');
    expect(talk).toContain('anneal dev');
  });

  it('refuses a server that does not answer with its address and where that is from', async () => {
    const { code, talk } = await anneal(root, { ...env, TEMPORAL_ADDRESS: '127.0.0.1:9' }, 'cancel', 'digits');
    expect(code).toBe(3);
    expect(talk).toMatch(/The Temporal server does not answer.*\n {2}where: 127\.0\.0\.1:9 \(from TEMPORAL_ADDRESS\)/);
  });
});

describe('without an engine', () => {
  let root: string;
  const report = {
    run: 'boost-digits.0a1b2c3d',
    workflowId: 'boost-digits',
    state: 'notSolved',
    verdict: 'Not solved: 20 of 100.',
    step: 'sanityCheck',
    startedAt: '2026-01-02T03:04:05.000Z',
    updatedAt: '2026-01-02T03:14:05.000Z',
    question: null,
    decisions: [{ id: 'promptFirst', verdict: 'notEnough', reason: '20 of 100 are right.' }],
  };

  beforeAll(async () => {
    root = await makeRoot();
    const folder = path.join(root, '.anneal', 'runs', report.run, 'coarse');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, '../report.json'), JSON.stringify(report));
    await writeFile(path.join(folder, '../report.html'), '<p>');
    await writeFile(path.join(folder, 'log.txt'), 'one\ntwo\nthree\n');
    await writeFile(path.join(folder, 'log-2.txt'), 'four\n');
  });
  afterAll(() => removeRoot(root));

  const run = (...argv: string[]) => anneal(root, env, ...argv);

  it('status lists the runs by their reports, and says so', async () => {
    const { code, data, talk } = await run('status');
    expect(code).toBe(0);
    expect(talk).toContain('What follows is from the reports');
    expect(data).toMatch(
      /boost-digits\.0a1b2c3d {2}notSolved {2}sanityCheck {2}2026-01-02 \d\d:\d\d {2}Not solved: 20 of 100\./,
    );
  });

  it.each(['boost-digits.0a1b2c3d', 'boost-digits', 'digits'])('finds a run by %s', async (name) => {
    const { data } = await run('status', name, '--json');
    expect(JSON.parse(data)).toMatchObject({ run: report.run, decisions: report.decisions, live: null });
  });

  it('asks "did you mean" for a run of another name', async () => {
    const { code, talk } = await run('report', 'digit');
    expect(code).toBe(2);
    expect(talk).toContain('There is no run "digit". Did you mean "digits"?');
  });

  it('report prints the file alone', async () => {
    const { code, data } = await run('report');
    expect([code, data]).toEqual([0, `${path.join(root, '.anneal/runs', report.run, 'report.html')}\n`]);
  });

  it('logs prints the last lines of each log', async () => {
    const { data } = await run('logs', 'digits', '--lines', '2', '--json');
    expect(JSON.parse(data).logs).toEqual([
      { file: expect.stringMatching(/log-2\.txt$/), lines: ['four'] },
      { file: expect.stringMatching(/log\.txt$/), lines: ['two', 'three'] },
    ]);
  });
});
