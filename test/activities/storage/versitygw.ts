/** A real S3 server on 127.0.0.1, whose objects are plain files. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../cli/dev/supervisor.js';
import { answers, startPart } from '../../cluster/part.js';
import { ensureProgram, whyWithout } from '../../cluster/programs.js';

/** Why there is no server to test with; null where there is one, or it can be built. */
export const noServer = whyWithout('versitygw');

export interface S3Server {
  /** Holds a folder a bucket. */
  folder: string;
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts it with one bucket, `anneal`. */
export async function startS3Server(root: string): Promise<S3Server> {
  const endpoint = `127.0.0.1:${await freePort()}`;
  const folder = path.join(root, 's3');
  await mkdir(path.join(folder, 'anneal'), { recursive: true });
  const key = { ROOT_ACCESS_KEY: 'test', ROOT_SECRET_KEY: 'test-secret' };
  const command = [await ensureProgram('versitygw'), '--port', endpoint, '--health', '/health', 'posix', folder];
  const isReady = () => answers(`http://${endpoint}/health`);
  const server = await startPart('versitygw', command, key, { folder: root, isReady });
  const env = {
    AWS_ENDPOINT_URL_S3: `http://${endpoint}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: key.ROOT_ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: key.ROOT_SECRET_KEY,
  };
  return { folder, env, stop: () => server.end() };
}
