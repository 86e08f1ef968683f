/** Writes a task folder of records with planted faults, each in a place that is known. */
import { appendFile, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { Random } from '../lib/random.js';
import { drawScene, sceneOf } from '../lib/scenes.js';
import { exactKinds, nearKinds, type PlantedSet } from './kinds.js';
import { caption, foreign, personal, reworded } from './texts.js';

export interface Planted {
  kind: string;
  /** Line of the record that holds the fault, and of the one that it repeats or contradicts. */
  line: number;
  partner: number | null;
  /** The how manieth of its kind it is, from 0. */
  ordinal: number;
}

interface Row {
  id: string;
  image: string;
  question: string;
  answer: string;
  scene?: string;
  messages?: unknown;
  images?: string[];
}

const question = 'Describe the picture and count its shapes.';
const needPartner = ['sameRecord', 'samePicture', 'sameGroup', 'conflict', 'nearText'];

const task = {
  name: 'planted',
  records: ['records.jsonl'],
  fields: { group: 'scene' },
  answer: { kind: 'json', fields: { shapes: 'integer', caption: 'string' } },
  target: { score: 0.9 },
  baseModel: 'tiny',
};

/** Equal arguments write the same files. Returns what was planted, kinds in turn. */
export async function writePlanted(
  folder: string,
  set: PlantedSet,
  wanted: { records: number; faults: number },
): Promise<Planted[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'pictures'), { recursive: true });
  await writeFile(path.join(folder, 'task.json'), JSON.stringify(task));
  const planted = placesOf(set, wanted);
  const byLine = new Map(planted.map((each) => [each.line, each]));
  const writer = new Writer(folder, set);
  // Partners first: a copy of a picture is made from its file.
  for (let line = 1; line <= wanted.records; line += 1) if (!byLine.has(line)) await writer.ordinary(line);
  for (const each of planted) await writer.fault(each);
  const lines = Array.from({ length: wanted.records }, (_, index) => writer.lines.get(index + 1) ?? '');
  for (let from = 0; from < lines.length; from += 1000)
    await appendFile(path.join(folder, 'records.jsonl'), `${lines.slice(from, from + 1000).join('\n')}\n`);
  return planted;
}

/** Every second place of a shuffled list holds a fault, the one after it is the partner. */
function placesOf(set: PlantedSet, { records, faults }: { records: number; faults: number }): Planted[] {
  const random = new Random(set.seed);
  const lines = Array.from({ length: records }, (_, index) => index + 1);
  for (let at = lines.length - 1; at > 0; at -= 1) {
    const other = random.whole(0, at);
    [lines[at], lines[other]] = [lines[other] as number, lines[at] as number];
  }
  const changes = { ...set.near, ...set.beyond };
  const kinds = [...exactKinds, ...nearKinds, ...Object.keys(changes)];
  return Array.from({ length: faults }, (_, index) => {
    const kind = kinds[index % kinds.length] as string;
    const partner = needPartner.includes(kind) || kind in changes ? (lines[2 * index + 1] as number) : null;
    return { kind, line: lines[2 * index] as number, partner, ordinal: Math.floor(index / kinds.length) };
  });
}

class Writer {
  readonly lines = new Map<number, string>();
  private readonly folder: string;
  private readonly set: PlantedSet;

  constructor(folder: string, set: PlantedSet) {
    this.folder = folder;
    this.set = set;
  }

  async ordinary(line: number): Promise<void> {
    await this.draw(line);
    this.write(line, this.rowOf(line));
  }

  async fault(planted: Planted): Promise<void> {
    const { kind, line, partner } = planted;
    const random = this.random(line);
    const change = { ...this.set.near, ...this.set.beyond }[kind];
    if (change && partner !== null) {
      const pixels = await drawScene(this.set.seed + partner);
      await writeFile(this.file(line), await change(pixels, random));
      this.write(line, this.rowOf(line));
      return;
    }
    if (kind === 'samePicture' || kind === 'sameRecord' || kind === 'conflict')
      await copyFile(this.file(partner as number), this.file(line));
    else await this.draw(line);
    await this.plant(planted, random);
  }

  private async plant({ kind, line, partner, ordinal }: Planted, random: Random): Promise<void> {
    const row = this.rowOf(line);
    const other = partner === null ? row : this.rowOf(partner);
    const said = (text: string) => answer(this.count(line), text);
    const file = this.file(line);
    if (kind === 'imageDamaged') await writeFile(file, (await sharp(file).jpeg().toBuffer()).subarray(0, 900));
    if (kind === 'imageUnreadable') await writeFile(file, '<!doctype html><title>404</title><p>Not found');
    if (kind === 'sameGroup') this.write(partner as number, { ...other, scene: `scene ${line}` });
    const changes: Record<string, Partial<Row>> = {
      placeholderMismatch: {
        images: [row.image],
        messages: [
          { role: 'user', content: `<image> and <image> ${question}` },
          { role: 'assistant', content: row.answer },
        ],
      },
      answerEmpty: { answer: ' \n' },
      tooLong: { question: `${question} ${'Look at every corner of it. '.repeat(120)}` },
      answerNotJson: { answer: random.of(['five shapes', '{"shapes": "many", "caption": "x"}', '{"shapes": 3']) },
      specialToken: { answer: said(`a sign that reads ${random.of(['<|im_end|>', '<image>', '</s>'])}`) },
      imageNotFound: { image: `pictures/gone-${line}.png` },
      sameRecord: { answer: other.answer },
      samePicture: { question: 'What is shown?' },
      sameGroup: { scene: `scene ${line}` },
      conflict: { answer: said(`${caption(random)} It is another one.`) },
      nearText: { answer: answer(this.count(partner ?? line), reworded(captionIn(other.answer), random)) },
      oddLanguage: { answer: said(foreign[ordinal % foreign.length] as string) },
      personalData: { answer: said(`${captionIn(row.answer)} In front of it ${personal[ordinal % personal.length]}.`) },
    };
    const text = JSON.stringify({ ...row, ...changes[kind] });
    this.lines.set(line, kind === 'jsonInvalid' ? text.slice(0, -2) : text);
  }

  private rowOf(line: number): Row {
    const random = this.random(line);
    const text = answer(this.count(line), caption(random));
    return { id: `r${line}`, image: `pictures/${line}.jpg`, question, answer: text };
  }

  private count(line: number): number {
    return Object.values(sceneOf(this.set.seed + line).shapes).reduce((sum, each) => sum + each, 0);
  }

  private random(line: number): Random {
    return new Random(this.set.seed * 3 + line * 7919);
  }

  private file(line: number): string {
    return path.join(this.folder, 'pictures', `${line}.jpg`);
  }

  private async draw(line: number): Promise<void> {
    const { rgb, width, height } = await drawScene(this.set.seed + line);
    const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 95 })
      .toBuffer();
    await writeFile(this.file(line), jpeg);
  }

  private write(line: number, row: Row): void {
    this.lines.set(line, JSON.stringify(row));
  }
}

function answer(shapes: number, text: string): string {
  return JSON.stringify({ shapes, caption: text });
}

export function captionIn(text: string): string {
  return (JSON.parse(text) as { caption: string }).caption;
}
