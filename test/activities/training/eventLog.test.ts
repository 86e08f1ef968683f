/** Cases 32 and 57 of the field, and their kind: what a log may hold besides the lines that our trainer writes. */
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventLog } from '../../../activities/training/eventLog.js';
import { foldEvents } from '../../../workflows/policies/progress.js';
import { trainingHealth } from '../../../workflows/policies/trainingHealth.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'anneal-events-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function step(number: number, { loss = '1', gradNorm = String(number), attempt = 1, more = '' } = {}): string {
  const where = `"event": "step", "time": 1, "attempt": ${attempt}, "step": ${number}, "epoch": 0.1`;
  return `{${where}, "loss": ${loss}, "gradNorm": ${gradNorm}, "learningRate": 0.001, "samplesPerSecond": 9${more}}\n`;
}

async function logOf(content: string | Buffer) {
  const file = path.join(root, 'events.jsonl');
  const warnings: string[] = [];
  await writeFile(file, content);
  const log = new EventLog(file, { info: () => undefined, warn: (message) => void warnings.push(message) });
  await log.read();
  return { log, file, warnings };
}

const three = (figures: Parameters<typeof step>[1]) => [1, 2, 3].map((number) => step(number, figures)).join('');

describe('EventLog', () => {
  it.each([
    { loss: 'NaN', gradNorm: 'NaN' },
    { gradNorm: 'NaN' },
    { loss: 'Infinity' },
    { loss: '-Infinity' },
    { gradNorm: '1e999' },
    { loss: 'null' },
    { loss: '"NaN"', gradNorm: '"-Infinity"' },
    { loss: '-nan', gradNorm: 'inf' },
  ])('takes %j for no number, and the training is stopped', async (figures) => {
    const { log, warnings } = await logOf(three(figures));
    expect(trainingHealth(foldEvents(log.events).badSteps, { badSteps: 3 }).verdict).toBe('stop');
    expect(warnings).toEqual([]);
  });

  it('passes over a line that ends within a long text', async () => {
    const cut = `{"event": "failed", "message": "${'Tried to allocate 20 GiB. '.repeat(4000)}\n`;
    const { log, warnings } = await logOf(cut + step(1));
    expect(log.events).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });

  it.each(['loss NaN', 'NaN', 'loss: NaN, gradient: "inf"'])('keeps the word in the text %j', async (message) => {
    const said = { event: 'failed', time: 1, attempt: 1, step: 3, cause: 'diverged', message };
    expect((await logOf(`${JSON.stringify(said)}\n`)).log.events).toMatchObject([{ message }]);
  });

  it('leaves out a field that only a later version knows', async () => {
    const { log, warnings } = await logOf(step(1, { more: ', "tokensPerSecond": 5' }));
    expect(log.events).toHaveLength(1);
    expect(log.events[0]).not.toHaveProperty('tokensPerSecond');
    expect(warnings).toEqual([]);
  });

  it('passes over what is no event, and counts its lines as a sign of life', async () => {
    const noise = [Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from('[1]\n\n{"event": "later"}\n\0\0\0\n')];
    const { log, warnings } = await logOf(Buffer.concat([Buffer.from(step(1)), ...noise, Buffer.from(step(2))]));
    expect(log.events).toMatchObject([{ step: 1 }, { step: 2 }]);
    expect(log.lines).toBe(7);
    expect(warnings).toHaveLength(4);
  });

  it('reads a log anew that became shorter, and forgets nothing that it read', async () => {
    const { log, file, warnings } = await logOf([1, 2, 3, 4].map((number) => step(number)).join(''));
    await truncate(file, 0);
    await log.read();
    await appendFile(file, step(4, { attempt: 2 }) + step(5, { attempt: 2 }));
    await log.read();
    expect(log.events).toHaveLength(6);
    expect(foldEvents(log.events)).toMatchObject({ step: 5, attempt: 2 });
    expect(warnings).toEqual([expect.stringContaining('emptied or replaced')]);
  });

  it('reads a log anew that was replaced by a longer one', async () => {
    const { log, file, warnings } = await logOf([1, 2].map((number) => step(number)).join(''));
    await writeFile(file, [1, 2, 3, 4].map((number) => step(number, { attempt: 2, loss: '0.5' })).join(''));
    await log.read();
    await log.read();
    expect(log.events.filter(({ attempt }) => attempt === 2)).toMatchObject([1, 2, 3, 4].map((step) => ({ step })));
    expect(warnings).toEqual([expect.stringContaining('emptied or replaced')]);
  });

  it('reads the lines of other systems', async () => {
    const { log, warnings } = await logOf(
      `\uFEFF${[1, 2]
        .map((number) => step(number))
        .join('')
        .replaceAll('\n', '\r\n')}`,
    );
    expect(log.events).toMatchObject([{ step: 1 }, { step: 2 }]);
    expect(warnings).toEqual([]);
  });

  it('reads a line of megabytes', async () => {
    const said = { event: 'failed', time: 1, attempt: 1, step: 3, cause: 'data', message: 'a\n"'.repeat(1e6) };
    const [read] = (await logOf(`${JSON.stringify(said)}\n`)).log.events;
    expect(JSON.stringify(read) === JSON.stringify(said)).toBe(true);
  });
});
