/** A PostgreSQL server of its own, as an ordinary user: its programs refuse to run as root. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Part, startPart } from './part.js';

const execute = promisify(execFile);

/** Debian keeps the server's programs off the PATH. */
function programs(): string {
  const debian = '/usr/lib/postgresql';
  const version = existsSync(debian) ? readdirSync(debian).sort().at(-1) : undefined;
  return version ? `${path.join(debian, version, 'bin')}/` : '';
}

/** The package's own user, where we are root. */
const ordinary =
  process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : ['env'];

export async function startPostgres(port: number, password: string, logs: string): Promise<Part> {
  // Not in the test's own folder, which other users can't enter.
  const folder = await mkdtemp('/tmp/anneal-postgres-');
  const data = path.join(folder, 'data');
  const passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, password);
  if (ordinary[0] === 'setpriv') await execute('chown', ['-R', 'postgres', folder]);
  const [as = '', ...user] = ordinary;
  const access = ['-U', 'temporal', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  await execute(as, [...user, `${programs()}initdb`, '-D', data, ...access]);
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=200',
  ];
  const server = [...ordinary, `${programs()}postgres`, '-D', data, ...settings.flatMap((each) => ['-c', each])];
  const isReady = () =>
    execute(`${programs()}pg_isready`, ['-h', '127.0.0.1', '-p', String(port), '-U', 'temporal']).then(
      () => true,
      () => false,
    );
  const part = await startPart('postgres', server, {}, { folder: logs, isReady });
  return {
    ...part,
    async end() {
      await part.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
