import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { JournalFile } from '../../../activities/vlm/journalFile.js';

describe('JournalFile', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'anneal-journal-'));
    file = path.join(folder, 'lines.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const numbers = async () =>
    (await readFile(file, 'utf8')).split('\n').flatMap((line) => (line ? [JSON.parse(line).number] : []));

  it('has each line with the system when it was appended, and all in their order', async () => {
    const journal = await JournalFile.open(file);
    await Promise.all(Array.from({ length: 50 }, (_, number) => journal.append({ number })));
    expect(await numbers()).toEqual(Array.from({ length: 50 }, (_, number) => number));
    await journal.close();
  });

  it('writes a line that may wait before the next one, and with it', async () => {
    const journal = await JournalFile.open(file);
    journal.appendSoon({ number: 1 });
    await journal.append({ number: 2 });
    expect(await numbers()).toEqual([1, 2]);
    await journal.close();
  });

  it.each<[string, (journal: JournalFile) => Promise<void>]>([
    ['a moment later', () => pause(200)],
    ['at the end', (journal) => journal.close()],
  ])('writes a line that no other follows: %s', async (_, until) => {
    const journal = await JournalFile.open(file);
    journal.appendSoon({ number: 1 });
    await until(journal);
    expect(await numbers()).toEqual([1]);
    await journal.close().catch(() => undefined);
  });

  it.each<[string, (journal: JournalFile) => Promise<void>]>([
    ['the next line', (journal) => journal.append({ number: 2 })],
    ['the end', (journal) => journal.close()],
  ])('tells what a line met that nobody waited for: %s', async (_, next) => {
    const journal = await JournalFile.open('/dev/full');
    journal.appendSoon({ number: 1 });
    await pause(200);
    await expect(next(journal)).rejects.toMatchObject({ problem: { type: 'NoSpace' } });
    await journal.close().catch(() => undefined);
  });
});
