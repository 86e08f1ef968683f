/** Captioning at scale: the real workflow, workers and Temporal against a fake endpoint that misbehaves, beside a bare loop. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { progressLines, setUp } from '../cli/setup/index.js';
import { bench, type Measured, machineText, positive, tell } from './lib/bench.js';
import { makePictures } from './lib/captionPictures.js';
import {
  type BareRun,
  type CaptionRunWish,
  killAt,
  runBare,
  runWorkflow,
  type WorkflowRun,
} from './lib/captionRuns.js';
import { type FakeEndpoint, startFake } from './lib/fakeOpenai/process.js';
import { misbehaving } from './lib/fakeOpenai/script.js';
import type { Quarter } from './lib/memory.js';
import { markdownTable, seconds } from './lib/table.js';
import { startWorkers, type WorkerProcesses } from './lib/workerProcesses.js';

const about = `Captions small pictures against a fake endpoint, a process of its own that answers at once, counts what it was paid
for by picture, and misbehaves by a script: 429 with and without Retry-After, 503 in HTML, 500, cut connections, bodies that are
no JSON, late replies, refusals, cut and empty answers. In turns: a loop with the official client (its own retries), and the
workflow captionImages on the project's worker processes and a Temporal dev server. Then once more while its worker is killed.

  --pictures N      different pictures (100000)
  --side PX         width and height of each (48)
  --concurrency N   calls at once, of both (32)
  --window N        pictures a window (1000)
  --at-once N       windows at once (8)
  --askers N        worker processes that ask (2)
  --rounds N        turns of both (2)
  --kills N         kill -9 of the worker in the last arm; 0 leaves it out (2)
  --aim RATIO       least throughput beside the bare loop (0.9)`;

/** Events and bytes at which Temporal wants a workflow to go on as new. */
const historyMark = { events: 4096, bytes: 4 * 1024 * 1024 };
/** Memory is constant when the last quarter's median is no more than so many times the second's. */
const memoryGrowth = 1.25;

interface Round {
  bare: BareRun;
  workflow: WorkflowRun;
  /** Pictures a second of the workflow's listing and asking over those of the loop. */
  ratio: number;
}

await bench(
  {
    name: 'captions',
    about,
    options: {
      pictures: { type: 'string', default: '100000' },
      side: { type: 'string', default: '48' },
      concurrency: { type: 'string', default: '32' },
      window: { type: 'string', default: '1000' },
      'at-once': { type: 'string', default: '8' },
      askers: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '2' },
      kills: { type: 'string', default: '2' },
      aim: { type: 'string', default: '0.9' },
    },
  },
  async ({ values, folder, interrupted }) => {
    const count = positive('--pictures', values.pictures);
    const pictures = path.join(folder, 'pictures');
    tell(`making ${count} pictures`);
    await makePictures(pictures, count, positive('--side', values.side));
    const { python, temporal } = await setUp(progressLines());
    const fake = await startFake({ rules: misbehaving });
    const kinds = ['recipe', 'data', 'vlm'] as const;
    const at = await startWorkers({ root: folder, kinds, python, temporalCli: temporal.path });
    for (let number = 2; number <= positive('--askers', values.askers); number += 1)
      await at.start('vlm', `vlm-${number}`);
    const end = () => void at.stop().finally(() => fake.stop());
    interrupted.addEventListener('abort', end, { once: true });
    const wish = {
      fake,
      pictures,
      count,
      concurrency: positive('--concurrency', values.concurrency),
      windowSize: positive('--window', values.window),
      windowsAtOnce: positive('--at-once', values['at-once']),
    };
    try {
      const rounds: Round[] = [];
      for (let round = 1; round <= positive('--rounds', values.rounds); round += 1)
        rounds.push(await runRound(at, { ...wish, into: path.join(folder, `round-${round}`), name: `round-${round}` }));
      const killed =
        Number(values.kills) === 0 ? null : await runKilled(at, { ...wish, ...killedIn(folder) }, Number(values.kills));
      return measured(rounds, killed, { ...wish, aim: positive('--aim', values.aim), kills: Number(values.kills) });
    } finally {
      interrupted.removeEventListener('abort', end);
      await stopAll(at, fake);
    }
  },
);

function killedIn(folder: string) {
  return { into: path.join(folder, 'killed'), name: 'killed' };
}

async function stopAll(at: WorkerProcesses, fake: FakeEndpoint): Promise<void> {
  await at.stop();
  await fake.stop();
}

async function runRound(at: WorkerProcesses, wish: CaptionRunWish): Promise<Round> {
  tell(`${wish.name}: the bare loop`);
  const bare = await runBare(wish);
  tell(`${wish.name}: ${rate(wish.count, bare.seconds)} pictures/s; now the workflow`);
  const workflow = await runWorkflow(at, wish);
  await rm(wish.into, { recursive: true, force: true });
  const ratio = bare.seconds / (workflow.listing + workflow.asking);
  tell(`${wish.name}: ${rate(wish.count, workflow.listing + workflow.asking)} pictures/s, ratio ${ratio.toFixed(2)}`);
  return { bare, workflow, ratio };
}

/** The same while the worker that asks is killed, at even distances. */
async function runKilled(at: WorkerProcesses, wish: CaptionRunWish, kills: number): Promise<WorkflowRun> {
  tell(`the workflow under ${kills} kills`);
  const shares = Array.from({ length: kills }, (_, index) => (index + 1) / (kills + 2));
  const run = await runWorkflow(at, wish, () => killAt(at, wish, shares));
  await rm(wish.into, { recursive: true, force: true });
  return run;
}

interface Frame {
  count: number;
  concurrency: number;
  windowSize: number;
  aim: number;
  kills: number;
}

function measured(rounds: Round[], killed: WorkflowRun | null, frame: Frame): Measured {
  const all = [...rounds.map(({ workflow }) => workflow), ...(killed ? [killed] : [])];
  const ratios = rounds.map(({ ratio }) => ratio).sort((one, other) => one - other);
  const ratio = ratios[Math.floor(ratios.length / 2)] ?? 0;
  const accounted = all.every(({ result }) => accountsFor(result.counts, frame.count));
  const paidAgain = rounds.reduce((sum, { workflow }) => sum + againOf(workflow), 0);
  const short = all.every(
    ({ historyEvents, historyBytes }) => historyEvents < historyMark.events && historyBytes < historyMark.bytes,
  );
  const constant = rounds.every(({ workflow }) => Object.values(workflow.memory).every(isConstant));
  const killedWell =
    killed === null || againOf(killed) <= Math.min(killed.result.calls.interrupted, frame.kills * frame.concurrency);
  process.stdout.write(`${memoryTable(all.at(-1 - Number(killed !== null)))}\n\n`);
  return {
    columns: [
      'Machine',
      'Arm',
      'Listing',
      'Asking',
      'Pictures/s',
      'CPU a picture',
      'Filters and dataset',
      'Calls',
      'Paid twice',
      'History',
    ],
    rows: [
      ...rounds.flatMap(({ bare, workflow }) => [
        bareRow(bare, frame.count),
        workflowRow('workflow', workflow, frame.count),
      ]),
      ...(killed ? [workflowRow(`workflow, ${frame.kills} kills`, killed, frame.count)] : []),
    ],
    claim:
      `All ${frame.count} pictures are accounted for in each run; ${paidAgain} answers were paid twice` +
      `${killed ? `, ${againOf(killed)} under ${frame.kills} kills, which interrupted ${killed.result.calls.interrupted} calls` : ''}; ` +
      `listing and asking reach ${ratio.toFixed(2)} times the bare loop (${ratios.map((each) => each.toFixed(2)).join(', ')}; aim ${frame.aim}); ` +
      `histories stay below the mark: ${short}; memory is constant: ${constant}.`,
    holds: accounted && paidAgain === 0 && short && constant && killedWell && ratio >= frame.aim,
    facts: { ...frame, ratios, rounds, killed },
  };
}

function accountsFor(
  { listed, used, merged, rejected, waiting, leftOut }: WorkflowRun['result']['counts'],
  count: number,
) {
  return listed === count && used + merged + rejected + waiting + leftOut === count;
}

/** Answers that the endpoint was paid for more than once. */
function againOf({ counts }: WorkflowRun): number {
  return Object.values(counts.paidAgain).reduce((sum, times) => sum + times - 1, 0);
}

function isConstant(quarters: readonly Quarter[]): boolean {
  const [, second, , last] = quarters;
  return !second || !last || last.median <= memoryGrowth * second.median;
}

function bareRow({ seconds: whole, answered, failed, cpuSeconds }: BareRun, count: number): string[] {
  const calls = `${answered} answered, ${failed} given up`;
  return [
    machineText(null),
    'bare loop',
    '',
    seconds(whole),
    rate(count, whole),
    micro(cpuSeconds, count),
    '',
    calls,
    '',
    '',
  ];
}

function workflowRow(arm: string, run: WorkflowRun, count: number): string[] {
  const { listing, asking, finishing, counts, historyEvents, historyBytes, parts } = run;
  const history = `${historyEvents} events, ${Math.ceil(historyBytes / 1024)} KiB${parts > 1 ? `, ${parts} parts` : ''}`;
  const times = [
    seconds(listing),
    seconds(asking),
    rate(count, listing + asking),
    micro(run.askingCpuSeconds, count),
    seconds(finishing),
  ];
  return [machineText(null), arm, ...times, String(counts.calls), String(againOf(run)), history];
}

function memoryTable(run: WorkflowRun | undefined): string {
  const rows = Object.entries(run?.memory ?? {}).map(([worker, quarters]) => [
    worker,
    ...quarters.map(({ minimum, median, maximum }) =>
      [minimum, median, maximum].map((each) => each.toFixed(0)).join(' / '),
    ),
  ]);
  return markdownTable(['Worker, MiB: least / median / most', '1st quarter', '2nd', '3rd', '4th'], rows);
}

/** CPU time of the process that asks. */
function micro(cpuSeconds: number | null, count: number): string {
  return cpuSeconds === null ? '' : `${((1e6 * cpuSeconds) / count).toFixed(0)} µs`;
}

function rate(count: number, time: number): string {
  return (count / time).toFixed(0);
}
