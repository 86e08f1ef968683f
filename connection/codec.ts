/**
 * Payloads as Temporal's server gets to see them: AES-256-GCM over the whole payload, in the form of Temporal's own
 * samples, so that a codec of another language reads them: 12 bytes of nonce, the ciphertext, 16 bytes of tag.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { problem } from '../config/problems.js';
import { type Keys, keyVariables } from './keys.js';

const cipher = 'aes-256-gcm';
const [nonceBytes, tagBytes] = [12, 16];
const encrypted = 'binary/encrypted';
const keyIdField = 'encryption-key-id';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/**
 * Encrypts by the newest key and decrypts by the one that a payload names. What is not encrypted passes as it is: runs
 * of before go on. Without keys nothing is encrypted, and what is encrypted is refused with what is missing.
 */
export class EncryptionCodec implements PayloadCodec {
  private readonly keys: Keys | null;

  constructor(keys: Keys | null) {
    this.keys = keys;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const { keys } = this;
    return keys === null ? payloads : payloads.map((payload) => encrypt(payload, keys));
  }

  /** Throws InvalidInput where the key is missing, or where a payload was changed since. */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, this.keys) : payload));
  }
}

function isEncrypted({ metadata }: Payload): boolean {
  return textOf(metadata?.['encoding']) === encrypted;
}

function encrypt(payload: Payload, { byId, newest }: Keys): Payload {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, byId.get(newest) as KeyObject, nonce);
  const content = Buffer.concat([sealing.update(PayloadMessage.encode(payload).finish()), sealing.final()]);
  return {
    metadata: { encoding: Buffer.from(encrypted), [keyIdField]: Buffer.from(newest) },
    data: Buffer.concat([nonce, content, sealing.getAuthTag()]),
  };
}

function decrypt({ metadata, data }: Payload, keys: Keys | null): Payload {
  const id = textOf(metadata?.[keyIdField]);
  const key = keys?.byId.get(id);
  if (!key) throw withoutKey(id, keys);
  const bytes = Buffer.from(data ?? []);
  try {
    const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    opening.setAuthTag(bytes.subarray(-tagBytes));
    const content = Buffer.concat([opening.update(bytes.subarray(nonceBytes, -tagBytes)), opening.final()]);
    return PayloadMessage.decode(content);
  } catch (error) {
    throw changed(id, error);
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}

function withoutKey(id: string, keys: Keys | null): Error {
  const has = keys === null ? 'this process has no key' : `this process has ${[...keys.byId.keys()].join(', ')}`;
  return problem('InvalidInput', {
    what: `A payload is encrypted with the key ${id}; ${has}.`,
    where: keys?.from ?? `${keyVariables.file} and ${keyVariables.lines}, which are not set`,
    todo: `Add that key to the keys of every worker and client, in front of the newest; what waits for it then goes on.`,
  });
}

function changed(id: string, cause: unknown): Error {
  return problem(
    'InvalidInput',
    {
      what: `A payload that names the key ${id} was not encrypted with it, or was changed since.`,
      where: 'the history in Temporal',
      todo: 'Take it for forged or damaged. Terminate the run; its files are untouched.',
    },
    { cause },
  );
}
