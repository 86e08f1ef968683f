import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { addEntry, readHistory } from '../../../activities/champions/history.js';
import { createChampionActivities } from '../../../activities/champions/index.js';
import { rollBack } from '../../../activities/champions/rollBack.js';
import { sharedHistory } from '../../../activities/champions/sharedHistory.js';
import { toUri, writeJson } from '../../../activities/storage/files.js';
import { Mirror } from '../../../activities/storage/mirror.js';
import { openStore } from '../../../activities/storage/openStore.js';
import type { ChampionEntry } from '../../../config/retraining.js';
import { freshFolder, removeFreshFolders } from '../data/build.js';
import { championOf, newEntry } from './builders.js';

afterAll(removeFreshFolders);

const pointer = async (folder: string): Promise<ChampionEntry> =>
  JSON.parse(await readFile(path.join(folder, 'champion.json'), 'utf8'));
const add = (folder: string, change: Parameters<typeof newEntry>[0]) => {
  const entry = newEntry(change);
  return addEntry(folder, entry.key, () => entry);
};

describe('the history of champions', () => {
  it('is empty where nothing was written', async () => expect(await readHistory(freshFolder())).toEqual([]));

  it('writes the entry of a key once, however often it is asked', async () => {
    const folder = freshFolder();
    const [first, second] = [await add(folder, {}), await add(folder, { reason: 'another' })];
    expect(second).toEqual(first);
    expect(await readHistory(folder)).toHaveLength(1);
  });

  it('loses none of twenty that write at once, and shows the last', async () => {
    const folder = freshFolder();
    const keys = Array.from({ length: 20 }, (_, index) => `round-${index}`);
    await Promise.all(keys.map((key) => add(folder, { key })));
    const history = await readHistory(folder);
    expect(history.map(({ version }) => version)).toEqual(keys.map((_, index) => index + 1));
    expect(history.map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect(await pointer(folder)).toEqual(history.at(-1));
    expect((await readdir(path.join(folder, 'history'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('mends the pointer that a crash left behind, when the same round is recorded again', async () => {
    const folder = freshFolder();
    await add(folder, { key: 'a', champion: championOf('a') });
    const old = await pointer(folder);
    const promoted = await add(folder, { key: 'b', verdict: 'promoted', champion: championOf('b') });
    await writeJson(path.join(folder, 'champion.json'), old);
    await add(folder, { key: 'b' });
    expect(await pointer(folder)).toEqual(promoted);
  });

  it('says which file is no entry', async () => {
    const folder = freshFolder();
    await add(folder, {});
    await writeFile(path.join(folder, 'history', '1.json'), '{"version": 1}');
    await expect(readHistory(folder)).rejects.toMatchObject({ problem: { where: expect.stringMatching(/1\.json$/) } });
  });
});

describe('a history in a store', () => {
  const machines = async () => {
    const storeUri = toUri(path.join(freshFolder(), 'store'));
    const store = await openStore(storeUri);
    const at = () => {
      const anneal = freshFolder();
      const mirror = new Mirror(store, anneal);
      return { storeUri, anneal, folder: path.join(anneal, 'champions', 'parts'), shared: sharedHistory(mirror) };
    };
    return [at(), at()] as const;
  };

  it('loses none of what two machines write at once, and shows the last to both', async () => {
    const both = await machines();
    const writes = Array.from({ length: 12 }, (_, index) => {
      const { folder, shared } = both[index % 2 === 0 ? 0 : 1];
      const entry = newEntry({ key: `round-${index}` });
      return addEntry(folder, entry.key, () => entry, shared);
    });
    await Promise.all(writes);
    const histories = await Promise.all(
      both.map(async ({ folder, shared }) => {
        await shared.refresh(folder);
        return readHistory(folder);
      }),
    );
    expect(histories[0]).toEqual(histories[1]);
    expect(histories[0]?.map(({ version }) => version)).toEqual(writes.map((_, index) => index + 1));
    expect(new Set(histories[0]?.map(({ key }) => key)).size).toBe(writes.length);
    for (const { folder } of both) expect(await pointer(folder)).toEqual(histories[0]?.at(-1));
  });

  it('names models by the store’s URIs, and rolls back where their files are there alone', async () => {
    const [one, other] = await machines();
    const model = championOf('a', path.join(one.anneal, 'runs'));
    await writeJson(path.join(one.anneal, 'runs', 'a', 'config.json'), {});
    await new Mirror(await openStore(one.storeUri), one.anneal).send(model.modelUri);
    const entry = newEntry({ key: 'a', champion: model });
    await addEntry(one.folder, 'a', () => entry, one.shared);
    const second = newEntry({ key: 'b', verdict: 'promoted', champion: championOf('b') });
    await addEntry(one.folder, 'b', () => second, one.shared);
    await other.shared.refresh(other.folder);
    const back = await rollBack(other.folder, { by: 'Ada', why: 'complaints' }, other.shared);
    expect(back.champion?.modelUri).toBe(`${other.storeUri}/runs/a`);
  });
});

describe('recordRound', () => {
  const { recordRound } = createChampionActivities({ root: '/nowhere' });
  const entryOf = (name: string, verdict: ChampionEntry['verdict']) => {
    const { champion: _, ...entry } = newEntry({
      key: `round-${name}`,
      verdict,
      round: { challenger: championOf(name) },
    });
    return entry;
  };

  it('puts a challenger that won in the champion’s place, and leaves it there where it did not', async () => {
    const folder = freshFolder();
    const record = (version: number, name: string, verdict: ChampionEntry['verdict']) =>
      recordRound({ folder: toUri(folder), version, entry: entryOf(name, verdict) });
    expect((await record(0, 'a', 'first')).champion).toEqual(championOf('a'));
    expect((await record(1, 'b', 'kept')).champion).toEqual(championOf('a'));
    expect((await record(2, 'c', 'refused')).champion).toEqual(championOf('a'));
    expect((await record(3, 'd', 'promoted')).champion).toEqual(championOf('d'));
    expect((await pointer(folder)).champion).toEqual(championOf('d'));
  });

  it('does not replace a champion that the challenger never met', async () => {
    const folder = freshFolder();
    const record = (version: number, name: string, verdict: ChampionEntry['verdict']) =>
      recordRound({ folder: toUri(folder), version, entry: entryOf(name, verdict) });
    await record(0, 'a', 'first');
    const [one, other] = [await record(1, 'b', 'promoted'), await record(1, 'c', 'promoted')];
    expect(one).toMatchObject({ verdict: 'promoted', champion: championOf('b') });
    expect(other).toMatchObject({ verdict: 'kept', champion: championOf('b') });
    expect(other.reason).toContain('changed while the round went on');
  });
});

describe('rollBack', () => {
  const why = { by: 'Ada', why: 'complaints' };

  async function twoChampions(): Promise<{ folder: string; root: string }> {
    const [folder, root] = [freshFolder(), freshFolder()];
    await add(folder, { key: '1', champion: championOf('a', root) });
    await add(folder, { key: '2', verdict: 'promoted', champion: championOf('b', root) });
    await add(folder, { key: '3', verdict: 'kept', champion: championOf('b', root) });
    return { folder, root };
  }

  it('puts the champion of before back, and keeps all that happened', async () => {
    const { folder, root } = await twoChampions();
    const entry = await rollBack(folder, why);
    expect(entry).toMatchObject({ version: 4, verdict: 'rolledBack', by: 'Ada', champion: championOf('a', root) });
    expect(entry.reason).toBe('Back to version 1: complaints');
    expect(await pointer(folder)).toEqual(entry);
    expect((await readHistory(folder)).map(({ verdict }) => verdict)).toEqual([
      'first',
      'promoted',
      'kept',
      'rolledBack',
    ]);
  });

  it('goes to a version, and the same again changes nothing', async () => {
    const { folder, root } = await twoChampions();
    const first = await rollBack(folder, { ...why, to: 1 });
    expect(await rollBack(folder, { ...why, to: 1 })).toEqual(first);
    expect((await rollBack(folder, { ...why, to: 2 })).champion).toEqual(championOf('b', root));
  });

  it.each([
    ['no earlier champion', {}, 'no earlier champion'],
    ['a version that is not there', { to: 9 }, 'no version 9'],
  ])('refuses %s', async (_, wish, says) => {
    const folder = freshFolder();
    await add(folder, { champion: championOf('a') });
    await expect(rollBack(folder, { ...why, ...wish })).rejects.toMatchObject({
      problem: { type: 'InvalidInput', what: expect.stringContaining(says) },
    });
  });

  it('refuses a model whose folder is gone, before anything is moved', async () => {
    const folder = freshFolder();
    await add(folder, { key: '1', champion: championOf('gone') });
    await add(folder, { key: '2', verdict: 'promoted', champion: championOf('b') });
    await expect(rollBack(folder, why)).rejects.toMatchObject({ problem: { where: championOf('gone').modelUri } });
    expect(await readHistory(folder)).toHaveLength(2);
  });
});
