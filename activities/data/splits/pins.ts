/** Where the records of an earlier build lie: in a later one they stay on that side, whatever was added (M4). */
import path from 'node:path';
import { type Split, splitNames, TaskRecord } from '../../../config/records.js';
import { readJsonLines } from '../../storage/files.js';
import { questionKey } from '../checks/duplicates.js';
import { HashMap64, hash64 } from '../memory/hashMap64.js';

export class Pins {
  private readonly splits = new HashMap64();

  /** Reads the splits of a dataset folder. */
  static async read(folder: string, heartbeat: () => void): Promise<Pins> {
    const pins = new Pins();
    for (const [code, name] of splitNames.entries())
      for await (const line of readJsonLines(path.join(folder, `${name}.jsonl`))) {
        const { messages, images } = TaskRecord.parse(line);
        const digests = images.map((image) => path.basename(image, '.png'));
        for (const key of pins.keysOf(digests, questionKey(messages, digests))) pins.splits.set(hash64(key), code);
        heartbeat();
      }
    return pins;
  }

  /** By its pictures where it has any, else by its question; null for what the earlier build did not have on one side. */
  splitOf(digests: string[], question: string): Split | null {
    const [first, ...others] = this.keysOf(digests, question).map((key) => this.splits.get(hash64(key)));
    if (first === undefined || others.some((code) => code !== first)) return null;
    return splitNames[first] ?? null;
  }

  /** Whether the earlier build had one of its pictures; where it has none, its question. */
  knows(digests: string[], question: string): boolean {
    return this.keysOf(digests, question).some((key) => this.splits.get(hash64(key)) >= 0);
  }

  private keysOf(digests: string[], question: string): string[] {
    return digests.length > 0 ? digests : [question];
  }
}
