/** What Amazon's client throws, told to a person. */
import { problem } from '../../../config/problems.js';

interface Thrown {
  name?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

const unreachable = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError/;
const badKey = /AccessKeyId|UserNotFound|SignatureDoesNotMatch|ExpiredToken|InvalidToken|RequestTimeTooSkewed/;

/** The HTTP status of an answer; undefined where there was none. */
export function statusOf(error: unknown): number | undefined {
  return (error as Thrown)?.$metadata?.httpStatusCode;
}

/** The problem behind an error of the client; what a caller aborted stays as it is. */
export function storeFault(error: unknown, where: string): unknown {
  const thrown = error as Thrown;
  if (thrown.name === 'AbortError') return error;
  const { what, todo } = says(thrown);
  return problem('StorageUnavailable', { what, where, todo }, { cause: error });
}

function says(thrown: Thrown): { what: string; todo: string } {
  const { name = '', code = '', message = '' } = thrown;
  if (name === 'NoSuchBucket')
    return { what: 'There is no such bucket.', todo: 'Make the bucket, or correct ANNEAL_STORE.' };
  if (name === 'CredentialsProviderError')
    return {
      what: 'No credentials for S3 were found.',
      todo: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.',
    };
  if (badKey.test(name))
    return {
      what: `The store refuses the key: ${name}. ${message}`,
      todo: 'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    };
  if (statusOf(thrown) === 403)
    return {
      what: `The store refuses access: ${name}. ${message}`,
      todo: 'Let this key list, read, write and delete there, or correct the key.',
    };
  if (unreachable.test(`${name} ${code} ${message}`))
    return {
      what: `The store can't be reached: ${message || code}`,
      todo: 'Check AWS_ENDPOINT_URL_S3 and that the store runs; Temporal tries again.',
    };
  return { what: `The store failed: ${name} ${message}`.trim(), todo: 'Look at the store; Temporal tries again.' };
}
