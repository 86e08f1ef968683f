/** WebDataset shards: pairs by name, packed or not, and every fault with its member's name. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { build, cases, fates, freshFolder, removeFreshFolders } from './build.js';
import { fileOf, picture } from './rowFiles.js';

jest.setTimeout(240_000);
afterAll(removeFreshFolders);

const shards = path.resolve('test/fixtures/formats/webdataset');
const question = 'What is shown?';

describe('a WebDataset shard', () => {
  it('has its samples paired by name though they are apart, and its orphans in the ledger by name', async () => {
    const root = path.join(cases, 'webdataset-not-adjacent');
    const made = await build({ root, files: ['shard-000000.tar'] });
    expect(made.manifest.counts).toMatchObject({ read: 4, used: 2, rejected: 2 });
    expect(fates(made)).toEqual({ a: 'used', b: 'used', 'line 3': 'pictureAlone', 'line 4': 'textAlone' });
    expect(made.ledger[2]?.detail).toContain('lonely.png');
    expect(made.ledger[3]?.detail).toContain('ghost.json');
  });

  const expected = {
    r: 'used',
    '0002': 'used',
    'sub/0002': 'used',
    [`scans/${'a-long-name-'.repeat(12)}`]: 'used',
    '0005': 'used',
    '0006': 'used',
    'line 7': 'classUnknown',
    'line 8': 'jsonInvalid',
    'line 9': 'pictureAlone',
  };

  it.each(['shard.tar', 'shard.tar.gz', 'shard.tar.zst'])('gives the same rows as %s', async (file) => {
    const made = await build({ root: shards, files: [file], question });
    expect(fates(made)).toEqual(expected);
    expect(made.manifest.counts).toMatchObject({ read: 9, used: 6, rejected: 3, images: 7 });
    expect(made.manifest.sources[0]?.format).toMatch(/^webdataset/);
    expect(made.manifest.notes.join('\n')).toContain('not read: 1 of .npy');
    const answers = new Map(made.records.map(({ id, messages }) => [id, messages.at(-1)?.content[0]]));
    expect(answers.get('0002')).toEqual({ type: 'text', text: 'green' });
    expect(answers.get('0006')).toEqual({ type: 'text', text: 'dog' });
    expect(made.records.find(({ id }) => id === '0005')?.images.length).toBe(2);
  });

  it('that holds a file of records is a packed folder, and refused with how it is unpacked', async () => {
    const root = freshFolder();
    for (const [name, content] of [
      ['0.png', await picture(0)],
      ['r.jsonl', '{"image": "0.png", "question": "q", "answer": "a"}\n'],
    ] as const)
      writeFileSync(path.join(root, name), content);
    execFileSync('tar', ['-czf', 'd.tar.gz', '0.png', 'r.jsonl'], { cwd: root });
    await expect(build({ root, files: ['d.tar.gz'], question })).rejects.toMatchObject({
      problem: { what: expect.stringContaining('r.jsonl'), todo: expect.stringContaining('Unpack it') },
    });
  });

  it('has names longer than a header holds, in the GNU form too', async () => {
    const made = await build({ root: shards, files: ['gnu.tar'], question });
    expect(made.records.map(({ id }) => id)).toEqual([`scans/${'a-long-name-'.repeat(12)}`]);
  });

  it('that was cut is refused with the member where it ends, and one without end mark is noted', async () => {
    const root = freshFolder();
    const whole = readFileSync(path.join(shards, 'shard.tar'));
    const end = whole.indexOf('0002.txt') + 512;
    writeFileSync(path.join(root, 'cut.tar'), whole.subarray(0, end + 3));
    await expect(build({ root, files: ['cut.tar'], question })).rejects.toMatchObject({
      problem: {
        type: 'DatasetInvalid',
        what: expect.stringContaining('0002.txt'),
        where: expect.stringContaining('cut.tar, byte'),
      },
    });
    writeFileSync(path.join(root, 'open.tar'), whole.subarray(0, end + 512));
    const made = await build({ root, files: ['open.tar'], question });
    expect(made.manifest.counts).toMatchObject({ read: 2, used: 2 });
    expect(made.manifest.notes.join('\n')).toContain('no end mark');
  });

  it('packed and cut is refused as such', async () => {
    const root = freshFolder();
    for (const name of ['shard.tar.gz', 'shard.tar.zst']) {
      copyFileSync(path.join(shards, name), path.join(root, name));
      writeFileSync(path.join(root, name), readFileSync(path.join(root, name)).subarray(0, -40));
      await expect(build({ root, files: [name], question })).rejects.toMatchObject({
        problem: { type: 'DatasetInvalid', what: expect.stringMatching(/ends too early/), where: name },
      });
    }
  });

  it('with a wrong header stops there by its place', async () => {
    const root = freshFolder();
    const bytes = readFileSync(path.join(shards, 'shard.tar'));
    const at = bytes.indexOf('0002.png');
    bytes[at] = 0x39;
    writeFileSync(path.join(root, 'shard.tar'), bytes);
    await expect(build({ root, files: ['shard.tar'], question })).rejects.toMatchObject({
      problem: { what: expect.stringContaining('checksum'), where: `shard.tar, byte ${at}` },
    });
  });
});

/** A tar file of these members, in the form of POSIX. */
function tarOf(members: Record<string, string | Buffer>): Buffer {
  const blocks = Object.entries(members).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(bytes.length.toString(8).padStart(11, '0'), 124);
    header.fill(' ', 148, 156);
    header.write('0', 156);
    header.write(
      header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0'),
      148,
    );
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe('members of one stem', () => {
  const shardOf = async (members: Record<string, string | Buffer>) => fileOf('shard.tar', tarOf(members), { question });

  it('belong together with ./ before their names or without', async () => {
    const made = await shardOf({ './a.png': await picture(1), 'a.json': '{"answer":"red"}' });
    expect(fates(made)).toEqual({ a: 'used' });
  });

  it('that say different things are refused, since one of them would be lost', async () => {
    const [one, other] = [await picture(1), await picture(2)];
    const dots = {
      'a.v1.png': one,
      'a.v1.json': '{"answer":"red"}',
      'a.v2.png': other,
      'a.v2.json': '{"answer":"blue"}',
    };
    const made = await shardOf({
      ...dots,
      'b.png': one,
      'b.txt': 'red',
      'b.caption': 'blue',
      'c.png': one,
      'c.txt': 'red',
    });
    expect(fates(made)).toEqual({ 'line 1': 'memberRepeated', 'line 2': 'memberRepeated', c: 'used' });
    expect(made.ledger[0]?.detail).toBe('"a.v2.json" has another "answer" than "a.v1.json"');
  });

  it('with broken JSON are named', async () => {
    const made = await shardOf({
      'a.png': await picture(1),
      'a.json': '{"answer":}',
      'b.png': await picture(2),
      'b.txt': 'x',
    });
    expect(made.ledger[0]?.detail).toBe('"a.json": value expected at line 1, column 11');
  });
});
