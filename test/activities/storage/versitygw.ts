/** A real S3 server on 127.0.0.1, whose objects are plain files. Built once by Go, into the user's cache. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from '../../../cli/setup/machine.js';
import { freePort } from '../../cli/dev/supervisor.js';

const version = '1.8.0';
const folder = path.join(
  cacheFolder({ env: process.env, platform: process.platform, home: homedir() }),
  `versitygw-${version}`,
);
const program = path.join(folder, 'versitygw');

function hasGo(): boolean {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Why there is no server to test with; null where there is one, or it can be built. */
export const noServer = existsSync(program) || hasGo() ? null : 'no versitygw in the cache, and no Go to build it';

/** A minute, once a machine. */
function build(): void {
  if (existsSync(program)) return;
  const building = `${folder}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  const env = { ...process.env, GOBIN: building };
  execFileSync('go', ['install', `github.com/versity/versitygw/cmd/versitygw@v${version}`], { env, stdio: 'pipe' });
  if (!existsSync(folder)) renameSync(building, folder);
}

export interface S3Server {
  /** Holds a folder a bucket. */
  folder: string;
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts it with one bucket, `anneal`. */
export async function startS3Server(root: string): Promise<S3Server> {
  build();
  const port = await freePort();
  const data = path.join(root, 's3');
  await mkdir(path.join(data, 'anneal'), { recursive: true });
  const key = { ROOT_ACCESS_KEY: 'test', ROOT_SECRET_KEY: 'test-secret' };
  const options = ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', data];
  const server = spawn(program, options, { env: { ...process.env, ...key }, stdio: ['ignore', 'ignore', 'inherit'] });
  const endpoint = `http://127.0.0.1:${port}`;
  await untilAnswering(server, endpoint);
  const env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: key.ROOT_ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: key.ROOT_SECRET_KEY,
  };
  return { folder: data, env, stop: () => ended(server) };
}

async function untilAnswering(server: ChildProcess, endpoint: string): Promise<void> {
  for (let tries = 0; server.exitCode === null && tries < 200; tries += 1) {
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await sleep(50);
  }
  throw new Error(`versitygw does not answer at ${endpoint}; exit code ${server.exitCode}`);
}

function ended(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    server.once('exit', () => resolve());
    server.kill();
  });
}
