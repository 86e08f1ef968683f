import { Allotment } from '../../../activities/storage/s3/allotment.js';

/** Works that last until they are ended, and how many go on. */
function works(allotment: Allotment) {
  const going = new Map<string, (how: 'ends' | 'fails') => void>();
  const begin = (name: string, amount: number) =>
    allotment
      .holding(
        amount,
        () =>
          new Promise<void>((resolve, reject) =>
            going.set(name, (how) => (how === 'ends' ? resolve() : reject(new Error(how)))),
          ),
      )
      .catch(() => undefined)
      .finally(() => going.delete(name));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { going, begin, settle };
}

describe('Allotment', () => {
  it('lets as many work as it has room for, in the order they came, and frees what a failure held', async () => {
    const { going, begin, settle } = works(new Allotment(10));
    const all = [begin('a', 6), begin('b', 6), begin('c', 1)];
    await settle();
    expect([...going.keys()]).toEqual(['a']);
    going.get('a')?.('fails');
    await settle();
    expect([...going.keys()]).toEqual(['b', 'c']);
    for (const end of going.values()) end('ends');
    await Promise.all(all);
  });

  it('gives all of it to one that is more than the whole', async () => {
    const { going, begin, settle } = works(new Allotment(10));
    const all = [begin('small', 1), begin('large', 50)];
    await settle();
    expect([...going.keys()]).toEqual(['small']);
    going.get('small')?.('ends');
    await settle();
    expect([...going.keys()]).toEqual(['large']);
    going.get('large')?.('ends');
    await Promise.all(all);
  });
});
