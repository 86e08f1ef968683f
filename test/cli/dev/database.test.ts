import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { databaseFile, prepareDatabase } from '../../../cli/dev/database.js';
import { makeRoot, removeRoot } from './supervisor.js';

describe('the run database of another Temporal version', () => {
  let root: string;
  let said: string[];
  const say = (line: string) => said.push(line);

  beforeEach(async () => {
    root = await makeRoot();
    said = [];
    await mkdir(path.join(root, '.anneal'));
    await prepareDatabase(root, '1.9.1', say); // notes the version, as the first start does
    await writeFile(databaseFile(root), 'runs');
    await writeFile(`${databaseFile(root)}-wal`, 'more runs');
  });
  afterEach(() => removeRoot(root));

  it('is opened without a word where the version is the same', async () => {
    await prepareDatabase(root, '1.9.1', say);
    expect(said).toEqual([]);
  });

  it('is copied, with its log, before a newer version opens it', async () => {
    await prepareDatabase(root, '1.10.0', say);
    const backups = (await readdir(path.join(root, '.anneal'))).filter((name) => name.startsWith('backup-1.9.1-'));
    expect(backups.map((name) => path.extname(name)).sort()).toEqual(['.db', '.db-wal']);
    expect(said[0]).toContain('written by Temporal 1.9.1, this is 1.10.0');
    await prepareDatabase(root, '1.10.0', say);
    expect(said).toHaveLength(1);
  });

  it('is refused to an older version, and is left as it is', async () => {
    await prepareDatabase(root, '1.10.0', say);
    await expect(prepareDatabase(root, '1.9.1', say)).rejects.toMatchObject({
      problem: { type: 'EngineUnavailable', todo: expect.stringContaining('Use Temporal 1.10.0 or newer') },
    });
    expect(await readFile(databaseFile(root), 'utf8')).toBe('runs');
  });
});
