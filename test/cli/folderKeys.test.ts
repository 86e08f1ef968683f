import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { claimEngine } from '../../cli/dev/engineFile.js';
import { encryptFolder, folderKeys, keyEnvironment, requireSameKeys } from '../../cli/folderKeys.js';
import { keysFrom, newKeyLine } from '../../connection/keys.js';
import { makeRoot, removeRoot } from './dev/supervisor.js';

describe('--encrypt', () => {
  let root: string;
  let talk: string[];
  beforeEach(async () => {
    root = await makeRoot();
    talk = [];
  });
  afterEach(() => removeRoot(root));

  const shell = (env: NodeJS.ProcessEnv = {}) => ({
    root,
    env,
    data: () => undefined,
    talk: (line: string) => talk.push(line),
  });

  it('makes one key for the folder, for its owner’s eyes, which commands and workers then use', async () => {
    expect(folderKeys(shell())).toBeNull();
    await encryptFolder(shell());
    const file = path.join(root, '.anneal/encryption-keys');
    const line = await readFile(file, 'utf8');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(talk.join()).toContain("Without that file they can't be read any more.");
    expect(talk.join()).not.toContain(line.trim());
    await encryptFolder(shell());
    expect(await readFile(file, 'utf8')).toBe(line);
    expect(keysFrom(keyEnvironment(shell()))?.newest).toBe(folderKeys(shell())?.newest);
  });

  it('makes none where the environment has keys, which the workers inherit', async () => {
    const env = { ANNEAL_ENCRYPTION_KEYS: newKeyLine() };
    await encryptFolder(shell(env));
    expect(folderKeys(shell())).toBeNull();
    expect(keyEnvironment(shell(env))).toEqual({});
  });

  it('is refused while an engine runs that encrypts nothing', async () => {
    const claim = await claimEngine(root);
    await claim?.announce();
    await expect(encryptFolder(shell())).rejects.toThrow(/without encryption.*--encrypt/s);
    await claim?.giveBack();
  });
});

describe('a command and an engine', () => {
  const keys = keysFrom({ ANNEAL_ENCRYPTION_KEYS: newKeyLine() });
  const newest = keys?.newest ?? '';

  it('must have the same keys, or both none', () => {
    requireSameKeys(keys, ['0123456789abcdef', newest], '/project');
    requireSameKeys(null, [], '/project');
    expect(() => requireSameKeys(keys, [], '/project')).toThrow(`encrypts with the key ${newest}`);
    expect(() => requireSameKeys(keys, ['0123456789abcdef'], '/project')).toThrow(
      'which the engine of this folder has not',
    );
    expect(() => requireSameKeys(null, [newest], '/project')).toThrow('this command has no key');
  });
});
