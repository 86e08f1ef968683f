/** How a call is signed: by the specification Standard Webhooks 1.0, so that receivers verify it with a kept library. */
import { createHmac } from 'node:crypto';

/** A key written whsec_<base64> is those bytes; any other text is its own. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
}

/** The headers of a body; `at` in milliseconds. The same id at every retry, so that a receiver knows one call from two. */
export function signedHeaders(secret: string, { id, at, body }: { id: string; at: number; body: string }) {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
