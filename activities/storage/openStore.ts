/** Which store a URI means. */
import { problem } from '../../config/problems.js';
import { FileStore } from './fileStore.js';
import { toPath } from './files.js';
import type { Store } from './store.js';

/**
 * The store of a URI: `s3://bucket/prefix`, or `file:///a/shared/folder`. Endpoint, region and credentials of S3 come from
 * the environment, under the names that Amazon's tools use. Throws `InvalidInput` for a URI of another kind.
 */
export async function openStore(uri: string): Promise<Store> {
  const root = uri.replace(/\/+$/, '');
  if (/^file:\/\/\/./.test(root)) return new FileStore(root, toPath(root));
  const s3 = /^s3:\/\/([^/]+)(?:\/(.+))?$/.exec(root);
  if (s3?.[1] === undefined) throw noStore(uri);
  // Loaded where it is needed: its client takes a good part of a second.
  const { S3Store } = await import('./s3/s3Store.js');
  return S3Store.fromEnvironment(root, { bucket: s3[1], prefix: s3[2] === undefined ? '' : `${s3[2]}/` });
}

function noStore(uri: string): Error {
  return problem('InvalidInput', {
    what: `"${uri}" is no place for files.`,
    where: 'the environment variable ANNEAL_STORE',
    todo: 'Name s3://bucket/prefix, or the file:// URI of a folder that all workers share.',
  });
}
