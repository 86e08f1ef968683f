/** Building a dataset: records a second beside the same work done otherwise, and a large build that is killed on the way. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
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
  --level N      compression level of Pillow's PNGs (6, its default)
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
      level: { type: 'string', default: '6' },
      kills: { type: 'string', default: '3' },
    },
  },
  async ({ values, folder }) => {
    const { python } = await setUp(progressLines());
    const paired = await pairedRounds(folder, python, {
      records: positive('--paired', values.paired),
      side: positive('--side', values.side),
      rounds: positive('--rounds', values.rounds),
      level: positive('--level', values.level),
    });
    const records = Number(values.records);
    const large = records > 0 ? await largeBuild(folder, python, records, Number(values.kills)) : null;
    return measured(paired, large);
  },
);

interface Round {
  /** Records a second. */
  rate: number;
  /** Milliseconds of a core that a record takes: what else runs beside the arm changes them less than the rate. */
  cpuMilliseconds: number;
  /** Bytes of the PNGs that were stored, of a record. */
  bytes: number;
}

type Rounds = Record<Arm['name'], Round[]>;

interface Paired {
  records: number;
  side: number;
  rounds: number;
  level: number;
}

/** The rounds of each arm, the order turned from round to round. */
async function pairedRounds(folder: string, python: string, { records, side, rounds, level }: Paired): Promise<Rounds> {
  const source = path.join(folder, 'paired');
  await writePictures(source, records, { picture: (index) => photo(index, side), suffix: '.jpg', tell });
  const names: Arm['name'][] = ['build', 'huggingFace', 'sharp'];
  const done: Rounds = { build: [], huggingFace: [], sharp: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const offset of names.keys()) {
      const name = names[(round + offset) % names.length] as Arm['name'];
      const into = path.join(folder, `${name}-${round}`);
      const { seconds, cpuSeconds } = await runArm({ name, folder: source, into, python, level });
      const bytes = (await storedBytes(into)) / records;
      done[name].push({ rate: records / seconds, cpuMilliseconds: (1000 * cpuSeconds) / records, bytes });
      tell(`round ${round + 1}, ${name}: ${Math.round(records / seconds)} records/s`);
      await rm(into, { recursive: true, force: true });
    }
  }
  return done;
}

/** Of the PNGs in a folder and those below it. */
async function storedBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(folder, { recursive: true }))
    if (name.endsWith('.png')) sum += (await stat(path.join(folder, name))).size;
  return sum;
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
  const arm = (into: string): Arm => ({
    name: 'build',
    folder: source,
    into: path.join(folder, into),
    python,
    level: 6,
  });
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

function measured(rounds: Rounds, large: Large | null): Measured {
  const ratioOf = (other: Arm['name'], figure: keyof Round) =>
    median(rounds.build.map((own, round) => own[figure] / (rounds[other][round]?.[figure] ?? 0)));
  const ratio = (other: Arm['name']) => ratioOf(other, 'rate');
  const cpu = { huggingFace: ratioOf('huggingFace', 'cpuMilliseconds'), sharp: ratioOf('sharp', 'cpuMilliseconds') };
  const [toHuggingFace, toSharp] = [ratio('huggingFace'), ratio('sharp')];
  const sameDigest = large ? large.attempts.at(-1)?.result === large.whole.result : true;
  const peak = large ? Math.max(large.whole.peakBytes, ...large.attempts.map(({ peakBytes }) => peakBytes)) : 0;
  const holds = toHuggingFace >= aims.huggingFace && toSharp >= aims.sharp && sameDigest && peak <= aims.bytes;
  const rateRow = (name: Arm['name'], what: string) => [
    what,
    ...spread(rounds[name].map(({ rate }) => rate)),
    median(rounds[name].map(({ cpuMilliseconds }) => cpuMilliseconds)).toFixed(1),
    Math.round(median(rounds[name].map(({ bytes }) => bytes))).toString(),
    '',
  ];
  const largeRows = large
    ? [
        [
          `${large.records} records, undisturbed`,
          ...spread([large.records / large.whole.seconds]),
          ((1000 * large.whole.cpuSeconds) / large.records).toFixed(1),
          '',
          megabytes(large.whole.peakBytes),
        ],
        [
          `the same, killed at ${large.attempts
            .slice(0, -1)
            .map(({ last }) => last?.rows)
            .join(', ')}`,
          ...spread([large.records / large.attempts.reduce((sum, { seconds }) => sum + seconds, 0)]),
          '',
          '',
          megabytes(Math.max(...large.attempts.map(({ peakBytes }) => peakBytes))),
        ],
      ]
    : [];
  return {
    columns: ['What', 'Records/s, median', 'Least', 'Most', 'CPU ms a record', 'Bytes of PNG', 'Peak memory'],
    rows: [
      rateRow('build', 'Anneal, whole build'),
      rateRow('huggingFace', 'Hugging Face datasets and Pillow, 2 processes'),
      rateRow('sharp', 'bare sharp loop'),
      ...largeRows,
    ],
    claim:
      `A whole build makes ${toHuggingFace.toFixed(2)} times the records of Hugging Face datasets (${aims.huggingFace} at least) and ` +
      `${toSharp.toFixed(2)} of a bare sharp loop (${aims.sharp} at least), for ${cpu.huggingFace.toFixed(2)} and ${cpu.sharp.toFixed(2)} times ` +
      'their CPU' +
      (large
        ? `; a build killed ${large.attempts.length - 1} times has ${sameDigest ? 'the same digest' : 'ANOTHER DIGEST'}, ` +
          `and no process held more than ${megabytes(peak)} (${megabytes(aims.bytes)} at most).`
        : '.'),
    holds,
    facts: { rounds, toHuggingFace, toSharp, cpu, large },
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
