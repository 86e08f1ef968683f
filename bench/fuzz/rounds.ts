/** Rounds of broken data through the builder. Whatever comes in, every row ends in the ledger or the file is refused by name. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { readJson, readJsonLines } from '../../activities/storage/files.js';
import { ProblemError } from '../../config/problems.js';
import { DatasetManifest, LedgerRow } from '../../config/records.js';
import { buildTask } from '../lib/builtTask.js';
import type { Random } from '../lib/random.js';
import { mutateBytes, mutatePicture, mutateRecord } from './mutations.js';

export interface RoundEnd {
  mutations: number;
  rows: number;
  used: number;
  rejected: number;
  /** Files that were refused as a whole, by a message for a person. */
  refused: number;
  /** What should never be: one sentence each. */
  faults: string[];
}

type Row = Record<string, unknown>;

/** Rows of one build of broken values or pictures. */
const rowsOfRound = 60;

export const roundKinds = ['pictures', 'values', 'bytes'] as const;
export type RoundKind = (typeof roundKinds)[number];

/** One round in a folder of its own, which is left there only when something went wrong. */
export async function fuzzRound(folder: string, kind: RoundKind, random: Random): Promise<RoundEnd> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files = await pictureFiles(random);
  for (const [name, bytes] of files) await writeFile(path.join(folder, name), bytes);
  const end = await rounds[kind](folder, files, random);
  if (end.faults.length === 0) await rm(folder, { recursive: true, force: true });
  return end;
}

const rounds: Record<RoundKind, (folder: string, files: Map<string, Buffer>, random: Random) => Promise<RoundEnd>> = {
  async pictures(folder, files, random) {
    const [names, all] = [[...files.keys()], [...files.values()]];
    const rows: Row[] = [goodRow(names[0] ?? '', 0)];
    for (let index = 1; index <= rowsOfRound; index += 1) {
      const at = random.whole(0, names.length - 1);
      const name = `broken-${index}${path.extname(names[at] ?? '')}`;
      await writeFile(path.join(folder, name), mutatePicture(all[at] as Buffer, random.of(all), random));
      rows.push(goodRow(name, index));
    }
    return judged(folder, { text: lines(rows), rows: rows.length, mutations: rowsOfRound });
  },
  async values(folder, files, random) {
    const name = [...files.keys()][0] ?? '';
    const rows: Row[] = [goodRow(name, 0)];
    for (let index = 1; index <= rowsOfRound; index += 1)
      rows.push(mutateRecord(random.chance(0.5) ? goodRow(name, index) : chatRow(name, index), random));
    return judged(folder, { text: lines(rows), rows: rows.length, mutations: rowsOfRound });
  },
  async bytes(folder, files, random) {
    const name = [...files.keys()][0] ?? '';
    const rows = Array.from({ length: 6 }, (_, index) => goodRow(name, index));
    const csv = ['id,image,question,answer', ...rows.map((row) => Object.values(row).join(','))].join('\n');
    const text = random.of([lines([...rows, chatRow(name, 7)]), JSON.stringify(rows, null, 1), csv]);
    return judged(folder, { text: mutateBytes(Buffer.from(text), random), rows: null, mutations: 1 });
  },
};

interface Trial {
  text: string | Buffer;
  /** Rows that must be read; null where the mutation may have changed how many there are. */
  rows: number | null;
  mutations: number;
}

async function judged(folder: string, { text, rows, mutations }: Trial): Promise<RoundEnd> {
  const task = { name: 'fuzz', records: ['records.jsonl'], answer: { kind: 'text' }, target: { score: 0.9 } };
  await writeFile(path.join(folder, 'task.json'), JSON.stringify(task));
  await writeFile(path.join(folder, 'records.jsonl'), text);
  const end: RoundEnd = { mutations, rows: 0, used: 0, rejected: 0, refused: 0, faults: [] };
  try {
    const built = await buildTask(folder);
    const { counts } = DatasetManifest.parse(await readJson(path.join(built.folder, 'manifest.json')));
    const ledger = await fatesIn(path.join(built.folder, 'ledger.jsonl'));
    const { read, used, merged, rejected } = counts;
    end.rows = read;
    end.used = used;
    end.rejected = rejected;
    const told = [...ledger.values()].reduce((sum, count) => sum + count, 0);
    if (rows !== null && read !== rows) end.faults.push(`${rows} rows written, ${read} read`);
    if (told !== read) end.faults.push(`${read} rows read, ${told} in the ledger`);
    for (const [fate, count] of Object.entries({ used, merged, rejected }))
      if ((ledger.get(fate) ?? 0) !== count)
        end.faults.push(`${count} ${fate}, ${ledger.get(fate) ?? 0} in the ledger`);
    const pictures = await picturesIn(built.folder);
    if (pictures !== counts.images) end.faults.push(`${counts.images} pictures counted, ${pictures} there`);
  } catch (error) {
    if (error instanceof ProblemError && error.problem.type === 'DatasetInvalid' && rows === null) end.refused += 1;
    else end.faults.push(`the build threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return end;
}

async function picturesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.png')).length;
}

async function fatesIn(ledger: string): Promise<Map<string, number>> {
  const fates = new Map<string, number>();
  for await (const line of readJsonLines(ledger)) {
    const { fate } = LedgerRow.parse(line);
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
  }
  return fates;
}

function lines(rows: Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function goodRow(image: string, index: number): Row {
  return { id: `r${index}`, image, question: `What is shown, number ${index}?`, answer: `thing ${index}` };
}

function chatRow(image: string, index: number): Row {
  const content = [
    { type: 'image', image },
    { type: 'text', text: `What is it, number ${index}?` },
  ];
  return {
    id: `c${index}`,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
      { role: 'assistant', content: [{ type: 'text', text: `thing ${index}` }] },
    ],
  };
}

/** One small picture in each of the formats. */
async function pictureFiles(random: Random): Promise<Map<string, Buffer>> {
  const [width, height] = [random.whole(9, 40), random.whole(9, 40)];
  const raw = Buffer.from(Array.from({ length: width * height * 3 }, () => random.whole(0, 255)));
  const picture = () => sharp(raw, { raw: { width, height, channels: 3 } });
  const made = {
    'a.png': picture().png(),
    'b.jpg': picture().jpeg(),
    'c.webp': picture().webp(),
    'd.gif': picture().gif({ effort: 1 }),
    'e.tif': picture().tiff({ compression: random.of(['lzw', 'jpeg', 'deflate', 'none'] as const) }),
    'f.png': picture().toColourspace('rgb16').png(),
    'g.png': picture().png({ palette: true }),
  };
  const files = new Map<string, Buffer>();
  for (const [name, each] of Object.entries(made)) files.set(name, await each.toBuffer());
  return files;
}
