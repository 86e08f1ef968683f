/**
 * `npm test`: checks this repository, stage by stage, and says in one last line how many checks passed and failed.
 * `npm test -- jest test/cli` runs one stage with arguments of its own.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { unlessMissing } from '../activities/processes/there.js';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { describeProblem, exitCodeOf, exitCodes, ProblemError, problem } from '../config/problems.js';
import { type Installed, progressLines, setUp } from './setup/index.js';

/** How many checks there were; a stage without counts of its own is one check. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Stage {
  name: string;
  commands: string[][];
  /** Where the commands run, relative to the repository. */
  folder?: string;
  nodeOptions?: string;
  /** The file in which the stage leaves its counts, and how they are read. */
  counts?: { file: string; read: (text: string) => Counts };
}

/** In this order: what is fast and likely to be wrong first. */
function stagesOf({ python }: Installed, reports: string, args: string[]): Stage[] {
  const pytest = path.join(reports, 'pytest.xml');
  return [
    {
      name: 'biome',
      commands: [
        ['biome', 'ci', '--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, ...or(args, '.')],
      ],
    },
    { name: 'types', commands: [tsc('tsconfig.json'), tsc('tsconfig.pure.json')] },
    { name: 'arrows', commands: [['depcruise', '--config', '.dependency-cruiser.cjs', ...or(args, ...sourceFolders)]] },
    { name: 'knip', commands: [['knip', ...args]] },
    jestStage('jest', reports, or(args, `--testPathIgnorePatterns=/(${[...wholeRuns, ...onDemand].join('|')})/`)),
    jestStage('runs', reports, or(args, ...wholeRuns)),
    {
      name: 'ruff',
      folder: 'trainer',
      commands: [[python, '-m', 'ruff', 'check', '--config', 'pyproject.toml', ...or(args, '.', '../examples')]],
    },
    {
      name: 'mypy',
      folder: 'trainer',
      commands: [[python, '-m', 'mypy', '--strict', ...or(args, '-p', 'anneal_trainer', '-p', 'tiny_vlm')]],
    },
    {
      name: 'pytest',
      folder: 'trainer',
      commands: [[python, '-m', 'pytest', `--junitxml=${pytest}`, ...or(args, '-m', 'not slow')]],
      counts: { file: pytest, read: pytestCounts },
    },
  ];
}

/** Tests that drive whole runs keep a core busy for minutes: beside more than one other they would run into their limits. */
const wholeRuns = ['test/e2e', 'test/faults'];

/** `npm run test:cluster` builds programs of others and runs a task twice; `npm run test:rounds` trains three challengers. */
const onDemand = ['test/cluster', 'test/rounds'];

function jestStage(name: string, reports: string, args: string[]): Stage {
  const file = path.join(reports, `${name}.json`);
  return {
    name,
    commands: [['jest', '--json', '--outputFile', file, ...args]],
    nodeOptions: '--experimental-vm-modules',
    counts: { file, read: jestCounts },
  };
}

const sourceFolders = ['config', 'connection', 'workflows', 'activities', 'workers', 'embedding', 'cli', 'test'];
const tsc = (project: string): string[] => ['tsc', '-p', project];
const or = (args: string[], ...defaults: string[]): string[] => (args.length > 0 ? args : defaults);

/** Exit code 0 when every check passed. The first argument may name one stage; what follows is that stage's own. */
export async function main(args: string[]): Promise<number> {
  const reports = await mkdtemp(path.join(os.tmpdir(), 'anneal-test-'));
  try {
    const [only, ...stageArgs] = args;
    const installed = await setUp(progressLines());
    const stages = stagesOf(installed, reports, stageArgs).filter(({ name }) => only === undefined || name === only);
    if (stages.length === 0) throw unknownStage(only ?? '', stagesOf(installed, reports, []));
    const counts = await runStages(stages, environment(installed, reports));
    process.stdout.write(`${closingLine(counts)}\n`);
    return counts.failed === 0 ? exitCodes.done : exitCodes.notSolved;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    process.stderr.write(`${describeProblem(error.problem)}\n`);
    process.stdout.write(`${closingLine({ passed: 0, failed: 1, skipped: 0 })}\n`);
    return exitCodeOf(error.problem.type);
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

/** All of them, even after a failure: one run tells everything that is wrong. */
async function runStages(stages: Stage[], env: NodeJS.ProcessEnv): Promise<Counts> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const stage of stages) {
    const started = Date.now();
    process.stdout.write(`\n── ${stage.name}\n`);
    const counts = await runStage(stage, env);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    process.stdout.write(`── ${stage.name}: ${counts.failed === 0 ? 'passed' : 'FAILED'} in ${seconds} s\n`);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  return total;
}

async function runStage(stage: Stage, env: NodeJS.ProcessEnv): Promise<Counts> {
  const { commands, folder = '.', nodeOptions, counts } = stage;
  const stageEnv = nodeOptions === undefined ? env : { ...env, NODE_OPTIONS: nodeOptions };
  const codes: number[] = [];
  for (const [command = '', ...args] of commands) {
    codes.push(await run(command, args, path.join(packageFolder, folder), stageEnv));
  }
  const failed = codes.some((code) => code !== 0);
  if (counts === undefined) return failed ? { passed: 0, failed: 1, skipped: 0 } : { passed: 1, failed: 0, skipped: 0 };
  const text = await unlessMissing(readFile(counts.file, 'utf8'));
  const own = text === null ? { passed: 0, failed: 0, skipped: 0 } : counts.read(text);
  return failed && own.failed === 0 ? { ...own, failed: 1 } : own;
}

/** The stages use what set-up found, and the tools of node_modules; what they leave in the temporary folder goes with it. */
function environment({ python, temporal }: Installed, temporary: string): NodeJS.ProcessEnv {
  const tools = path.join(packageFolder, 'node_modules', '.bin');
  return {
    ...process.env,
    PATH: `${tools}${path.delimiter}${process.env['PATH'] ?? ''}`,
    TMPDIR: temporary,
    ANNEAL_PYTHON: python,
    ANNEAL_TEMPORAL_CLI: temporal.path,
    ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
  };
}

function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** A test file that could not even be loaded is one failure: jest counts it as a suite only. */
export function jestCounts(text: string): Counts {
  const report = JSON.parse(text);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** From a JUnit file: the attributes of its test suites. */
export function pytestCounts(text: string): Counts {
  const sum = (name: string): number =>
    [...text.matchAll(/<testsuite [^>]*>/g)].reduce(
      (total, [suite]) => total + Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0),
      0,
    );
  const failed = sum('failures') + sum('errors');
  const skipped = sum('skipped');
  return { passed: sum('tests') - failed - skipped, failed, skipped };
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function unknownStage(name: string, stages: Stage[]): ProblemError {
  return problem('InvalidInput', {
    what: `There is no stage "${name}".`,
    where: 'npm test',
    todo: `Name one of ${stages.map((stage) => stage.name).join(', ')}, or none to run them all.`,
  });
}
