/** Building a dataset: records a second beside the same work done otherwise, and a large build that is killed on the way. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { progressLines, setUp } from '../cli/setup/index.js';
import { type Arm, type ArmEnd, runArm } from './build/arms.js';
import { photo, smallPicture, writePictures } from './build/pictures.js';
import { bench, type Measured, positive } from './lib/bench.js';

const about = `Records a second of a whole build (read, decode, bake, hash, compare, split, write), beside Hugging Face datasets
with Pillow on two processes and beside a bare loop of sharp, in turns on the same records with a photo each. Then a
large build, once undisturbed and once killed with SIGKILL on the way: the digests must be equal, the memory bounded.

  --records N    records of the large build (1000000); 0 leaves it out
  --paired N     records of the paired arms (1000)
  --side N       pixels of a side of their photos (512); the pictures of the large build have 48
  --rounds N     times each arm is run (3)
  --kills N      kills of the large build (3)`;

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

const aims = { huggingFace: 2, sharp: 0.6, bytes: 1.5e9 };

await bench(
  {
    name: 'build',
    about,
    options: {
      records: { type: 'string', default: '1000000' },
      paired: { type: 'string', default: '1000' },
      side: { type: 'string', default: '512' },
      rounds: { type: 'string', default: '3' },
      kills: { type: 'string', default: '3' },
    },
  },
  async ({ values, folder }) => {
    const { python } = await setUp(progressLines());
    const paired = await pairedRates(folder, python, {
      records: positive('--paired', values.paired),
      side: positive('--side', values.side),
      rounds: positive('--rounds', values.rounds),
    });
    const records = Number(values.records);
    const large = records > 0 ? await largeBuild(folder, python, records, Number(values.kills)) : null;
    return measured(paired, large);
  },
);

type Rates = Record<Arm['name'], number[]>;

/** Records a second of each arm, the order turned from round to round. */
async function pairedRates(
  folder: string,
  python: string,
  { records, side, rounds }: { records: number; side: number; rounds: number },
): Promise<Rates> {
  const source = path.join(folder, 'paired');
  await writePictures(source, records, { picture: (index) => photo(index, side), suffix: '.jpg', tell });
  const names: Arm['name'][] = ['build', 'huggingFace', 'sharp'];
  const rates: Rates = { build: [], huggingFace: [], sharp: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const offset of names.keys()) {
      const name = names[(round + offset) % names.length] as Arm['name'];
      const into = path.join(folder, `${name}-${round}`);
      const { seconds } = await runArm({ name, folder: source, into, python });
      rates[name].push(records / seconds);
      tell(`round ${round + 1}, ${name}: ${Math.round(records / seconds)} records/s`);
      await rm(into, { recursive: true, force: true });
    }
  }
  return rates;
}

interface Large {
  records: number;
  whole: ArmEnd;
  attempts: ArmEnd[];
}

async function largeBuild(folder: string, python: string, records: number, kills: number): Promise<Large> {
  const source = path.join(folder, 'large');
  await mkdir(source, { recursive: true });
  await writePictures(source, records, { picture: smallPicture, suffix: '.png', tell });
  const arm = (into: string): Arm => ({ name: 'build', folder: source, into: path.join(folder, into), python });
  const whole = await runArm(arm('undisturbed'));
  tell(`undisturbed: ${Math.round(whole.seconds)} s, ${megabytes(whole.peakBytes)}`);
  await rm(path.join(folder, 'undisturbed'), { recursive: true, force: true });
  const attempts: ArmEnd[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    const at = (records * kill) / (kills + 1);
    attempts.push(await runArm(arm('killed'), ({ doing, rows }) => doing !== 'reading' || rows >= at));
    tell(`killed at row ${attempts.at(-1)?.last?.rows}`);
  }
  attempts.push(await runArm(arm('killed')));
  await rm(path.join(folder, 'killed'), { recursive: true, force: true });
  return { records, whole, attempts };
}

function measured(rates: Rates, large: Large | null): Measured {
  const ratio = (other: Arm['name']) => median(rates.build.map((rate, round) => rate / (rates[other][round] ?? 0)));
  const [toHuggingFace, toSharp] = [ratio('huggingFace'), ratio('sharp')];
  const sameDigest = large ? large.attempts.at(-1)?.result === large.whole.result : true;
  const peak = large ? Math.max(large.whole.peakBytes, ...large.attempts.map(({ peakBytes }) => peakBytes)) : 0;
  const holds = toHuggingFace >= aims.huggingFace && toSharp >= aims.sharp && sameDigest && peak <= aims.bytes;
  const rateRow = (name: Arm['name'], what: string) => [what, ...spread(rates[name]), ''];
  const largeRows = large
    ? [
        [
          `${large.records} records, undisturbed`,
          ...spread([large.records / large.whole.seconds]),
          megabytes(large.whole.peakBytes),
        ],
        [
          `the same, killed at ${large.attempts
            .slice(0, -1)
            .map(({ last }) => last?.rows)
            .join(', ')}`,
          ...spread([large.records / large.attempts.reduce((sum, { seconds }) => sum + seconds, 0)]),
          megabytes(Math.max(...large.attempts.map(({ peakBytes }) => peakBytes))),
        ],
      ]
    : [];
  return {
    columns: ['What', 'Records/s, median', 'Least', 'Most', 'Peak memory'],
    rows: [
      rateRow('build', 'Anneal, whole build'),
      rateRow('huggingFace', 'Hugging Face datasets and Pillow, 2 processes'),
      rateRow('sharp', 'bare sharp loop'),
      ...largeRows,
    ],
    claim:
      `A whole build makes ${toHuggingFace.toFixed(2)} times the records of Hugging Face datasets (${aims.huggingFace} at least) and ` +
      `${toSharp.toFixed(2)} of a bare sharp loop (${aims.sharp} at least)` +
      (large
        ? `; a build killed ${large.attempts.length - 1} times has ${sameDigest ? 'the same digest' : 'ANOTHER DIGEST'}, ` +
          `and no process held more than ${megabytes(peak)} (${megabytes(aims.bytes)} at most).`
        : '.'),
    holds,
    facts: { rates, toHuggingFace, toSharp, large },
  };
}

function spread(rates: number[]): string[] {
  return [median(rates), Math.min(...rates), Math.max(...rates)].map((rate) => Math.round(rate).toString());
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
