/** Whether a process gets on: it writes to its log, or it or its group has the processor. */
import { stat } from 'node:fs/promises';
import type { ProcessIdentity } from './identity.js';
import { processorSeconds } from './processorTime.js';
import { unlessMissing } from './there.js';

/** Less of the time than this is idling: waking up to look whether there is something to do. */
const leastShare = 0.002;

export class Pulse {
  private readonly process: ProcessIdentity;
  private readonly log: string;
  private readonly stallsAfterSeconds: number;
  private heard = { bytes: -1, processor: 0, at: 0 };

  constructor(process: ProcessIdentity, log: string, stallsAfterSeconds: number) {
    this.process = process;
    this.log = log;
    this.stallsAfterSeconds = stallsAfterSeconds;
  }

  /** Looks; true when there was no sign of life for longer than is allowed. */
  async isStill(): Promise<boolean> {
    const [log, processor] = await Promise.all([unlessMissing(stat(this.log)), processorSeconds(this.process.pid)]);
    const bytes = log?.size ?? 0;
    const worked = Math.abs(processor - this.heard.processor) > leastShare * this.stallsAfterSeconds;
    if (bytes !== this.heard.bytes || worked) this.heard = { bytes, processor, at: performance.now() };
    return performance.now() - this.heard.at > this.stallsAfterSeconds * 1000;
  }
}
