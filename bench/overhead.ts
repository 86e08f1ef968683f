/** Overhead: the wall time of a whole run against the sum of its bare training and endpoint time. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { problem } from '../config/problems.js';
import { bareSeconds, bareWorkOf, type StepWork, sum } from './lib/bareWork.js';
import { bench, type Measured, machineText, positive } from './lib/bench.js';
import { deviceOf } from './lib/events.js';
import { finishedRun, jobFolderOf } from './lib/finishedRun.js';
import { seconds } from './lib/table.js';

const about = `Wall time of a finished run against the sum of what its trainers and model servers took by themselves, their
process starts included. Reads the run's files and measures nothing else.

  RUN_FOLDER     the run; the newest one here that trained a model when left out
  --run          run the demo first: anneal start examples/digits --once --again
  --aim RATIO    the largest ratio for which the claim holds (1.05)`;

await bench(
  { name: 'overhead', about, options: { run: { type: 'boolean' }, aim: { type: 'string', default: '1.05' } } },
  async ({ values, names }) => {
    const aim = positive('--aim', values.aim);
    if (values.run) await runDemo();
    const run = await finishedRun(values.run ? undefined : names[0]);
    const whole = (Date.parse(run.updatedAt) - Date.parse(run.startedAt)) / 1000;
    const steps = await bareWorkOf(run);
    const device = run.trainings[0] ? await deviceOf(jobFolderOf(run.trainings[0])) : null;
    process.stdout.write(`${run.run} on ${machineText(device)}\n\n`);
    return measured(whole, steps, aim);
  },
);

function measured(whole: number, steps: StepWork[], aim: number): Measured {
  const bare = sum(steps.map(bareSeconds));
  const probing = sum(steps.map((step) => step.probing));
  const between = whole - sum(steps.map(({ wall }) => wall));
  const ratio = whole / bare;
  const strict = whole / (bare - probing);
  const row = (name: string, wall: number, parts: number[]) => [
    name,
    seconds(wall),
    ...parts.map(seconds),
    seconds(wall - sum(parts)),
  ];
  const partsOf = (step: StepWork) => [step.training, step.loading, step.asking, step.probing];
  const totals = [0, 1, 2, 3].map((part) => sum(steps.map((step) => partsOf(step)[part] ?? 0)));
  return {
    columns: ['Step', 'Wall time', 'Trainers', 'Servers loading', 'Questions', 'Parity’s answers', 'Rest'],
    rows: [
      ...steps.map((step) => row(step.step, step.wall, partsOf(step))),
      row('between steps', between, [0, 0, 0, 0]),
      row('whole run', whole, totals),
    ],
    claim:
      `The whole run took ${ratio.toFixed(3)} times its bare training and endpoint time (${aim} at most); ` +
      `${strict.toFixed(3)} times without the parity gate's answers by the trainer.`,
    holds: ratio <= aim,
    facts: { wholeSeconds: whole, bareSeconds: bare, ratio, ratioWithoutProbing: strict, between, steps },
  };
}

async function runDemo(): Promise<void> {
  const anneal = path.join(packageFolder, 'cli', 'anneal.mjs');
  const demo = path.join(packageFolder, 'examples', 'digits');
  const child = spawn(process.execPath, [anneal, 'start', demo, '--once', '--again'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code === 0 || code === 1) return;
  throw problem('Internal', {
    what: `The demo ended with exit code ${code}.`,
    where: 'anneal start examples/digits --once --again',
    todo: 'Its own words are above; `anneal doctor` says what is missing on this machine.',
  });
}
