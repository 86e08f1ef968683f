import { inspect } from 'node:util';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { EncryptionCodec } from '../../connection/codec.js';
import { keysFrom, newKeyLine } from '../../connection/keys.js';

const [old, newer, other] = [newKeyLine(), newKeyLine(), newKeyLine()] as const;
const codecOf = (...lines: string[]) => new EncryptionCodec(keysFrom({ ANNEAL_ENCRYPTION_KEYS: lines.join('\n') }));
const without = new EncryptionCodec(null);
const secret = () => defaultPayloadConverter.toPayload({ question: 'Is the invoice paid?' }) as Payload;
const readable = (payload: Payload | undefined) => defaultPayloadConverter.fromPayload(payload as Payload);
const textOf = ({ metadata, data }: Payload) =>
  Buffer.concat([...Object.values(metadata ?? {}), data ?? Buffer.alloc(0)]).toString('latin1');

describe('the encryption of payloads', () => {
  it('gives back what it hid, and shows neither text nor encoding of it meanwhile', async () => {
    const [hidden] = await codecOf(newer).encode([secret()]);
    expect(textOf(hidden as Payload)).not.toMatch(/invoice|json/);
    const [back] = await codecOf(newer).decode([hidden as Payload]);
    expect(readable(back)).toEqual({ question: 'Is the invoice paid?' });
  });

  it('hides the same text differently each time', async () => {
    const [one, two] = await codecOf(newer).encode([secret(), secret()]);
    expect(textOf(one as Payload)).not.toBe(textOf(two as Payload));
  });

  it('encrypts by the newest key, and decrypts what older keys hid', async () => {
    const before = await codecOf(old).encode([secret()]);
    const after = await codecOf(old, newer).encode([secret()]);
    expect((await codecOf(old, newer).decode([...before, ...after])).map(readable)).toHaveLength(2);
    await expect(codecOf(old).decode(after)).rejects.toThrow('A payload is encrypted with the key');
    await expect(codecOf(newer).decode(after)).resolves.toHaveLength(1);
  });

  it('refuses a payload whose key is not there, and names both keys by their ids', async () => {
    const hidden = await codecOf(newer).encode([secret()]);
    const id = Buffer.from(hidden[0]?.metadata?.['encryption-key-id'] ?? []).toString();
    await expect(codecOf(other).decode(hidden)).rejects.toMatchObject({
      problem: { type: 'InvalidInput', what: expect.stringContaining(`key ${id}; this process has `) },
    });
    await expect(without.decode(hidden)).rejects.toThrow(/this process has no key.*ANNEAL_ENCRYPTION_KEY_FILE/s);
  });

  it.each([
    ['a bit is flipped', (data: Buffer) => data.with(20, (data[20] ?? 0) ^ 1)],
    ['the end is cut off', (data: Buffer) => data.subarray(0, 20)],
    ['nothing is left', () => new Uint8Array()],
  ])('refuses a payload in which %s', async (_, change) => {
    const [hidden] = await codecOf(newer).encode([secret()]);
    const changed = { ...hidden, data: change(Buffer.from(hidden?.data ?? [])) };
    await expect(codecOf(newer).decode([changed])).rejects.toThrow('was not encrypted with it, or was changed since');
  });

  it('lets pass what is not encrypted, with keys and without', async () => {
    expect(await codecOf(newer).decode([secret()])).toEqual([secret()]);
    expect(await without.encode([secret()])).toEqual([secret()]);
    expect(await without.decode([secret()])).toEqual([secret()]);
  });
});

describe('the keys', () => {
  const refused = (env: NodeJS.ProcessEnv) => {
    try {
      keysFrom(env);
    } catch (error) {
      return error as Error;
    }
    throw new Error('The keys were taken.');
  };

  it('may stand among comments and empty lines; the last encrypts', () => {
    const keys = keysFrom({ ANNEAL_ENCRYPTION_KEYS: `# 2025\n${old}\n\n# 2026\n ${newer}\n` });
    expect([...(keys?.byId.keys() ?? [])].at(-1)).toBe(keys?.newest);
    expect(keysFrom({ ANNEAL_ENCRYPTION_KEYS: newer })?.newest).toBe(keys?.newest);
    expect(keysFrom({})).toBeNull();
  });

  it.each([
    ['too short', Buffer.alloc(16, 7).toString('base64')],
    ['no base64', 'correct horse battery staple'],
  ])('are refused by their line where one is %s, and not shown', (_, line) => {
    const { message, stack } = refused({ ANNEAL_ENCRYPTION_KEYS: `${newer}\n${line}` });
    expect(message).toMatch(/Line 2 is not an encryption key.*openssl rand -base64 32/s);
    expect(`${message}${stack}`).not.toContain(line);
    expect(`${message}${stack}`).not.toContain(newer);
  });

  it('are refused where there are none, where the file is not there, or where two places name them', () => {
    expect(refused({ ANNEAL_ENCRYPTION_KEYS: '# none\n' }).message).toContain('There is no encryption key.');
    expect(refused({ ANNEAL_ENCRYPTION_KEY_FILE: '/nowhere/keys' }).message).toMatch(/can't be read: ENOENT.*nowhere/s);
    const both = { ANNEAL_ENCRYPTION_KEYS: newer, ANNEAL_ENCRYPTION_KEY_FILE: '/nowhere/keys' };
    expect(refused(both).message).toContain('Two places name encryption keys.');
  });

  it('are not in what a log shows of them', () => {
    const keys = keysFrom({ ANNEAL_ENCRYPTION_KEYS: newer });
    const shown = `${inspect(new EncryptionCodec(keys), { depth: 9, showHidden: true })} ${JSON.stringify(keys)}`;
    expect(shown).not.toContain(newer);
    expect(shown.toLowerCase()).not.toContain(Buffer.from(newer, 'base64').toString('hex').slice(0, 8));
  });
});
