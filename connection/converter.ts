/** How data becomes payloads: as JSON, and encrypted where there are keys. */
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './codec.js';
import type { Keys } from './keys.js';

/** Of a worker whose workflows are bundled before, the bundle needs it too. */
export const encodedFailures = fileURLToPath(new URL('./encodedFailures.cjs', import.meta.url));

/** For every client and worker alike: who has it without the keys can start nothing that is encrypted, and says why. */
export function dataConverterOf(keys: Keys | null): DataConverter {
  const payloadCodecs = [new EncryptionCodec(keys)];
  return keys === null ? { payloadCodecs } : { payloadCodecs, failureConverterPath: encodedFailures };
}
