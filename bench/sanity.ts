/** Planted faults of data and framework: how often the sanity check gives the right name, and how often a healthy training is called sick (R9). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { trainerEnvironment } from '../activities/processes/tools.js';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { readJsonLines } from '../activities/storage/files.js';
import { progressLines, setUp } from '../cli/setup/index.js';
import { problem } from '../config/problems.js';
import { bench, type Measured, positive, tell } from './lib/bench.js';
import { PlantedCase, verdictOf } from './sanity/judge.js';
import { plantedSets, type SetName } from './sanity/kinds.js';

const about = `Plants one fault at a time in small trainings of the embedded model, takes the sanity check's probes in one process, and
asks the recipe's policies for the verdict. Seeds of B begin where those of A end.

  --set A|B     A: the kinds and seeds that the thresholds were chosen by. B: other seeds and other kinds (B)
  --seeds N     seeds of every fault (10)
  --healthy N   seeds without a fault (60)
  --kinds K,…   these kinds only, healthy among them`;

const aims = { named: 0.9, calledSick: 0.05 };

await bench(
  {
    name: 'sanity',
    about,
    options: {
      set: { type: 'string', default: 'B' },
      seeds: { type: 'string', default: '10' },
      healthy: { type: 'string', default: '60' },
      kinds: { type: 'string', default: '' },
    },
  },
  async ({ values, folder, interrupted }) => {
    const set = values.set === 'A' || values.set === 'B' ? values.set : null;
    if (set === null)
      throw problem('InvalidInput', { what: `There is no set "${values.set}".`, where: '--set', todo: 'Name A or B.' });
    const wanted = values.kinds === '' ? null : new Set(values.kinds.split(','));
    const kinds = ['healthy', ...Object.keys(plantedSets[set])].filter((kind) => wanted?.has(kind) ?? true);
    const seeds = { fault: positive('--seeds', values.seeds), healthy: positive('--healthy', values.healthy) };
    const first = set === 'A' ? 1 : 1001;
    const cases = kinds.flatMap((kind) =>
      Array.from(
        { length: kind === 'healthy' ? seeds.healthy : seeds.fault },
        (_, index) => `${kind}:${first + index}`,
      ),
    );
    const file = path.join(folder, `${set}.jsonl`);
    await mkdir(folder, { recursive: true });
    await plant(cases, file, interrupted);
    return measured(set, await casesOf(file, new Set(cases)));
  },
);

/** Writes a line of figures a case; those that are in the file stand. */
async function plant(cases: readonly string[], file: string, signal: AbortSignal): Promise<void> {
  const { python } = await setUp(progressLines());
  const trainerFolder = path.join(packageFolder, 'trainer');
  const script = path.join(packageFolder, 'bench', 'sanity', 'plant.py');
  tell(`planting ${cases.length} trainings`);
  const child = spawn(python, [script, '--out', file, ...cases], {
    env: trainerEnvironment({ python, trainerFolder }),
    stdio: ['ignore', 'ignore', 'inherit'],
    signal,
  });
  const [code] = await once(child, 'exit');
  if (code !== 0)
    throw problem('Internal', {
      what: `It ended with exit code ${code}.`,
      where: script,
      todo: 'Read what it said; --resume goes on.',
    });
}

async function casesOf(file: string, wanted: ReadonlySet<string>): Promise<PlantedCase[]> {
  const cases: PlantedCase[] = [];
  for await (const line of readJsonLines(file)) {
    const planted = PlantedCase.parse(line);
    if (wanted.has(`${planted.kind}:${planted.seed}`)) cases.push(planted);
  }
  return cases;
}

function measured(set: SetName, cases: readonly PlantedCase[]): Measured {
  const expected: Record<string, readonly string[]> = { healthy: ['healthy'], ...plantedSets[set] };
  const judged = cases.map((planted) => ({ kind: planted.kind, seed: planted.seed, ...verdictOf(planted) }));
  const isRight = ({ kind, verdict }: (typeof judged)[number]) => expected[kind]?.includes(verdict) ?? false;
  const rows = Object.entries(expected).flatMap(([kind, names]) => {
    const those = judged.filter((each) => each.kind === kind);
    const others = [...new Set(those.filter((each) => !isRight(each)).map(({ verdict }) => verdict))];
    return those.length === 0
      ? []
      : [[kind, names.join(' or '), `${those.length}`, `${those.filter(isRight).length}`, others.join(', ')]];
  });
  const share = (healthy: boolean) => {
    const those = judged.filter(({ kind }) => (kind === 'healthy') === healthy);
    return { n: those.length, right: those.filter(isRight).length / Math.max(1, those.length) };
  };
  const faults = share(false);
  const sound = share(true);
  const wrongly = sound.n === 0 ? 0 : 1 - sound.right;
  return {
    columns: ['Planted', 'Right name', 'Seeds', 'Named right', 'Named otherwise'],
    rows,
    claim:
      `The right name for ${(100 * faults.right).toFixed(1)} % of ${faults.n} planted faults (${100 * aims.named} % at least); ` +
      `${(100 * wrongly).toFixed(1)} % of ${sound.n} healthy trainings called sick (${100 * aims.calledSick} % at most). Set ${set}.`,
    holds: faults.right >= aims.named && wrongly <= aims.calledSick,
    facts: { set, judged },
  };
}
