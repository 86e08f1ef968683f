/** Programs of the Compose file as binaries: built from their sources by Go, once, and kept in the user's cache. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { compose } from '../deploy/composeFile.js';

/** Go packages, and the service whose image names the version. */
const sources = {
  'temporal-server': { source: 'go.temporal.io/server/cmd/server', service: 'temporal' },
  'temporal-sql-tool': { source: 'go.temporal.io/server/cmd/tools/sql', service: 'temporal-schema' },
  'temporal-ui-server': { source: 'github.com/temporalio/ui-server/v2/cmd/server', service: 'temporal-ui' },
  versitygw: { source: 'github.com/versity/versitygw/cmd/versitygw', service: 'store' },
} as const;
export type Program = keyof typeof sources;

/** The path of the program. Building the Temporal server takes four minutes of two cores and 1.5 GB of modules. */
export async function ensureProgram(name: Program): Promise<string> {
  const { source, service } = sources[name];
  const version = `v${compose.services[service]?.image.split(':').at(-1)?.replace(/^v/, '')}`;
  const cache = path.join(os.homedir(), '.cache', 'anneal');
  const program = path.join(cache, `${name}-${version}`, name);
  if (existsSync(program)) return program;
  await mkdir(path.dirname(program), { recursive: true });
  const built = await mkdtemp(path.join(cache, '.go-'));
  try {
    process.stderr.write(`building ${source}@${version}…\n`);
    await promisify(execFile)('go', ['install', `${source}@${version}`], { env: { ...process.env, GOBIN: built } });
    const [binary = ''] = await readdir(built);
    await rename(path.join(built, binary), program);
  } finally {
    await rm(built, { recursive: true, force: true });
  }
  return program;
}
