/** A real series of retraining rounds over data that grows by rows of the same kind: how rarely a challenger takes the champion's place. */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { endLocalProcesses } from '../activities/processes/living.js';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { progressLines, setUp } from '../cli/setup/index.js';
import type { ChampionEntry, RetrainResult } from '../config/retraining.js';
import { shortTasks, startRounds } from '../test/rounds/shortTask.js';
import { bench, type Measured, positive } from './lib/bench.js';

const about = `Rounds of the workflow retrain by the real engine, each with a whole training of the embedded model on a short task. Every
round has more rows of the same kind, so that its challenger is as good as the champion, but for what more rows teach.

  --rounds N   rounds, the first of which makes the champion (10)
  --first N    rows of the first round (480)
  --more N     rows that each round adds (80)`;

await bench(
  {
    name: 'rounds',
    about,
    options: {
      rounds: { type: 'string', default: '10' },
      first: { type: 'string', default: '480' },
      more: { type: 'string', default: '80' },
    },
  },
  async ({ values, folder }) => {
    const [rounds, first, more] = [
      positive('--rounds', values.rounds),
      positive('--first', values.first),
      positive('--more', values.more),
    ];
    await mkdir(folder, { recursive: true });
    const { python } = await setUp(progressLines());
    const lines = await records(python, first + (rounds - 1) * more, path.join(folder, 'records.jsonl'));
    const series = await startRounds(folder, {});
    const results: RetrainResult[] = [];
    try {
      for (let round = 0; round < rounds; round += 1)
        results.push(await series.play(lines.slice(0, first + round * more)));
      return measured(results, await series.history(), { first, more });
    } finally {
      await series.end();
      await endLocalProcesses(folder, 'kill');
    }
  },
);

async function records(python: string, count: number, file: string): Promise<string[]> {
  const make = path.join(shortTasks, 'bins', 'make.py');
  const env = { ...process.env, PYTHONPATH: path.join(packageFolder, 'trainer') };
  await promisify(execFile)(python, [make, String(count), file], { env });
  return (await readFile(file, 'utf8')).trim().split('\n');
}

function measured(results: RetrainResult[], history: ChampionEntry[], rows: { first: number; more: number }): Measured {
  const contests = history.filter(({ round }) => round?.contest);
  const promoted = contests.filter(({ verdict }) => verdict === 'promoted').length;
  const percent = (share: number | undefined) => (share === undefined ? '' : (100 * share).toFixed(1));
  return {
    columns: ['Round', 'Rows', 'Verdict', 'Champion, frozen test, %', 'Challenger, %', 'Reason'],
    rows: results.map(({ verdict, reason, run }, index) => {
      const scores = history.find((entry) => entry.key === run)?.round?.anchorScores;
      return [
        String(index + 1),
        String(rows.first + index * rows.more),
        verdict,
        percent(scores?.champion),
        percent(scores?.challenger),
        reason,
      ];
    }),
    claim: `Of ${contests.length} challengers that were trained on more rows of the same kind, ${promoted} took the champion's place (1 at most).`,
    holds: contests.length === results.length - 1 && promoted <= 1,
    facts: { results, history },
  };
}
