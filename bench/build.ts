/** Building a dataset: records a second beside the same work done otherwise, and a large build that is killed on the way. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { progressLines, setUp } from '../cli/setup/index.js';
import { type Arm, type ArmEnd, runArm } from './build/arms.js';
import { photo, smallPicture, writePictures } from './build/pictures.js';
import { bench, type Measured, positive } from './lib/bench.js';

const about = `Records a second of a whole build (read, decode, bake, hash, compare, split, write), beside Hugging Face datasets
with Pillow on two processes and beside a bare loop of sharp, in turns on the same records with a photo each. Then a
large build, undisturbed, and beside it the same one killed with SIGKILL on the way: the digests must be equal, the memory
bounded. Each of the two has the machine for half: CPU time tells what a record costs.

  --records N    records of the large build (1000000); 0 leaves it out
  --paired N     records of the paired arms (1000); 0 leaves them out
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
    const paired =
      Number(values.paired) === 0
        ? null
        : await pairedRounds(folder, python, {
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
  const arm = (name: string): Arm => ({
    name: 'build',
    folder: source,
    into: path.join(folder, name),
    python,
    level: 6,
  });
  const build = async (name: string, killWhen?: Parameters<typeof runArm>[1]) => {
    const end = await runArm(arm(name), killWhen);
    tell(`${name}: ${Math.round(end.seconds)} s, ${megabytes(end.peakBytes)}, to row ${end.last?.rows}`);
    return end;
  };
  const underKills = async () => {
    const attempts: ArmEnd[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      const at = (records * kill) / (kills + 1);
      attempts.push(await build('killed', ({ doing, rows }) => doing !== 'reading' || rows >= at));
    }
    return [...attempts, await build('killed')];
  };
  const [whole, attempts] = await Promise.all([build('undisturbed'), underKills()]);
  // Left here, they would be found and not built when the bench goes on after an interruption.
  for (const name of ['undisturbed', 'killed']) await rm(path.join(folder, name), { recursive: true, force: true });
  return { records, whole, attempts };
}

function measured(rounds: Rounds | null, large: Large | null): Measured {
  const parts = [...(rounds ? [pairedPart(rounds)] : []), ...(large ? [largePart(large)] : [])];
  return {
    columns: ['What', 'Records/s, median', 'Least', 'Most', 'CPU ms a record', 'Bytes of PNG', 'Peak memory'],
    rows: parts.flatMap(({ rows }) => rows),
    claim: parts.map(({ claim }) => claim).join(' '),
    holds: parts.every(({ holds }) => holds),
    facts: { rounds, large },
  };
}

type Part = Pick<Measured, 'rows' | 'claim' | 'holds'>;

function pairedPart(rounds: Rounds): Part {
  const ratio = (other: Arm['name'], figure: keyof Round) =>
    median(rounds.build.map((own, round) => own[figure] / (rounds[other][round]?.[figure] ?? 0)));
  const cpu = (other: Arm['name']) => ratio(other, 'cpuMilliseconds').toFixed(2);
  const [toHuggingFace, toSharp] = [ratio('huggingFace', 'rate'), ratio('sharp', 'rate')];
  const row = (name: Arm['name'], what: string) => [
    what,
    ...spread(rounds[name].map(({ rate }) => rate)),
    median(rounds[name].map(({ cpuMilliseconds }) => cpuMilliseconds)).toFixed(1),
    Math.round(median(rounds[name].map(({ bytes }) => bytes))).toString(),
    '',
  ];
  return {
    rows: [
      row('build', 'Anneal, whole build'),
      row('huggingFace', 'Hugging Face datasets and Pillow, 2 processes'),
      row('sharp', 'bare sharp loop'),
    ],
    claim:
      `A whole build makes ${toHuggingFace.toFixed(2)} times the records of Hugging Face datasets (${aims.huggingFace} at least) and ` +
      `${toSharp.toFixed(2)} of a bare sharp loop (${aims.sharp} at least), for ${cpu('huggingFace')} and ${cpu('sharp')} times their CPU.`,
    holds: toHuggingFace >= aims.huggingFace && toSharp >= aims.sharp,
  };
}

function largePart({ records, whole, attempts }: Large): Part {
  const sameDigest = attempts.at(-1)?.result === whole.result;
  const ofAttempts = Math.max(...attempts.map(({ peakBytes }) => peakBytes));
  const peak = Math.max(whole.peakBytes, ofAttempts);
  const killedAt = attempts.slice(0, -1).map(({ last }) => last?.rows);
  const secondsOfAttempts = attempts.reduce((sum, { seconds }) => sum + seconds, 0);
  const cpu = ((1000 * whole.cpuSeconds) / records).toFixed(1);
  return {
    rows: [
      [`${records} records, undisturbed`, ...spread([records / whole.seconds]), cpu, '', megabytes(whole.peakBytes)],
      [
        `the same, killed at ${killedAt.join(', ')}`,
        ...spread([records / secondsOfAttempts]),
        '',
        '',
        megabytes(ofAttempts),
      ],
    ],
    claim:
      `A build killed ${killedAt.length} times has ${sameDigest ? 'the same digest' : 'ANOTHER DIGEST'}, ` +
      `and no process held more than ${megabytes(peak)} (${megabytes(aims.bytes)} at most).`,
    holds: sameDigest && peak <= aims.bytes,
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
