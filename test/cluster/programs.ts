/** Programs of the Compose file as binaries: built from their sources by Go, once, and kept in the user's cache. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, thisMachine } from '../../cli/setup/machine.js';
import { compose } from '../deploy/composeFile.js';

/** Go packages, and the service whose image names the version. */
const sources = {
  'temporal-server': { source: 'go.temporal.io/server/cmd/server', service: 'temporal' },
  'temporal-sql-tool': { source: 'go.temporal.io/server/cmd/tools/sql', service: 'temporal-schema' },
  'temporal-ui-server': { source: 'github.com/temporalio/ui-server/v2/cmd/server', service: 'temporal-ui' },
  versitygw: { source: 'github.com/versity/versitygw/cmd/versitygw', service: 'store' },
} as const;
export type Program = keyof typeof sources;

const cache = cacheFolder(thisMachine());

/** As its image's tag says it. */
function versionOf(name: Program): string {
  return `v${compose.services[sources[name].service]?.image.split(':').at(-1)?.replace(/^v/, '')}`;
}

function placeOf(name: Program): string {
  return path.join(cache, `${name}-${versionOf(name)}`, name);
}

/** Why a test must do without the program; null where it is there, or can be built. */
export function whyWithout(name: Program): string | null {
  const canBuild = existsSync(placeOf(name)) || spawnSync('go', ['version']).status === 0;
  return canBuild ? null : `no ${name} in ${cache}, and no Go to build it`;
}

/** The path of the program. Building the Temporal server takes four minutes of two cores and 1.5 GB of modules. */
export async function ensureProgram(name: Program): Promise<string> {
  const program = placeOf(name);
  if (existsSync(program)) return program;
  const source = `${sources[name].source}@${versionOf(name)}`;
  await mkdir(path.dirname(program), { recursive: true });
  const built = await mkdtemp(path.join(cache, '.go-'));
  try {
    process.stderr.write(`building ${source}…\n`);
    await promisify(execFile)('go', ['install', source], { env: { ...process.env, GOBIN: built } });
    const [binary = ''] = await readdir(built);
    await rename(path.join(built, binary), program);
  } finally {
    await rm(built, { recursive: true, force: true });
  }
  return program;
}
