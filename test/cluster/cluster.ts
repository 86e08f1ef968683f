/** The parts of deploy/docker-compose.yml without containers: the same programs, versions, scripts and settings, at other ports. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { isPortFree } from '../../cli/dev/ports.js';
import { ensureTemporalCli } from '../../cli/setup/temporalCli.js';
import { freePort } from '../cli/dev/supervisor.js';
import { compose, deployFolder } from '../deploy/composeFile.js';
import { answers, type Part, startPart } from './part.js';
import { startPostgres } from './postgres.js';
import { ensureProgram } from './programs.js';

export interface Cluster {
  address: string;
  ui: string;
  /** What workers are told of the S3 store. */
  store: NodeJS.ProcessEnv;
  /** The folder in which the store keeps the objects of its bucket. */
  bucket: string;
  parts: Part[];
  end(): Promise<void>;
}

const host = '127.0.0.1';
const secrets = { POSTGRES_PASSWORD: 'of-postgres', STORE_ACCESS_KEY: 'of-store', STORE_SECRET_KEY: 'secret-of-store' };

/** Starts all that workers need; logs go into `folder`. */
export async function startCluster(folder: string): Promise<Cluster> {
  const parts: Part[] = [];
  const end = async () => {
    for (const part of parts.toReversed()) await part.end();
  };
  try {
    const postgres = await freePort();
    parts.push(await startPostgres(postgres, secrets.POSTGRES_PASSWORD, folder));
    await runScript('temporal-schema', { SQL_HOST: host, SQL_PORT: String(postgres) });
    const ports = { grpc: await smallPort(), http: await freePort() };
    parts.push(await startTemporal(folder, postgres, ports));
    const address = `${host}:${ports.grpc}`;
    await runScript('temporal-namespace', { TEMPORAL_ADDRESS: address });
    const ui = await startPage(folder, address);
    const store = await startStore(folder);
    parts.push(ui.part, store.part);
    return { address, ui: ui.url, store: store.environment, bucket: store.bucket, parts, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Runs the script of a service that is done when it ends. */
async function runScript(service: string, others: NodeJS.ProcessEnv): Promise<void> {
  const script = compose.services[service]?.command?.[0]?.replaceAll('$$', '$') ?? '';
  const { path: temporal } = await ensureTemporalCli(() => undefined);
  const tools = [path.dirname(await ensureProgram('temporal-sql-tool')), path.dirname(temporal)];
  const env = { ...environmentOf(service), ...others, PATH: [...tools, process.env['PATH']].join(path.delimiter) };
  await promisify(execFile)('sh', ['-ec', script], { env });
}

/** The environment of a service, with the secrets and the defaults in their places. */
function environmentOf(service: string): Record<string, string> {
  const given: Record<string, string> = secrets;
  const entries = Object.entries(compose.services[service]?.environment ?? {});
  const filled = (value: string) =>
    value.replace(/\$\{(\w+):[?-]([^}]*)\}/g, (_, name: string, otherwise: string) => given[name] ?? otherwise);
  return Object.fromEntries(entries.map(([name, value]) => [name, filled(value)]));
}

/** A free port that the server's table of members can hold: a smallint, where the system hands out higher ones. */
async function smallPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isPortFree(port)) return port;
  }
}

async function startTemporal(
  folder: string,
  postgres: number,
  { grpc, http }: { grpc: number; http: number },
): Promise<Part> {
  const inside = [
    'FRONTEND_MEMBERSHIP_PORT',
    ...['HISTORY', 'MATCHING', 'WORKER'].flatMap((name) => [`${name}_GRPC_PORT`, `${name}_MEMBERSHIP_PORT`]),
  ];
  const others = await Promise.all(inside.map(async (name) => [name, String(await smallPort())] as const));
  const env = {
    ...environmentOf('temporal'),
    ...Object.fromEntries(others),
    POSTGRES_SEEDS: host,
    DB_PORT: String(postgres),
    BIND_ON_IP: host,
    TEMPORAL_BROADCAST_ADDRESS: host,
    FRONTEND_GRPC_PORT: String(grpc),
    FRONTEND_HTTP_PORT: String(http),
    PROMETHEUS_ENDPOINT: `${host}:${await freePort()}`,
    DYNAMIC_CONFIG_FILE_PATH: path.join(deployFolder, 'temporal', 'dynamicconfig.yaml'),
    NUM_HISTORY_SHARDS: '4', // 512 of them are for more than one machine.
  };
  const command = [await ensureProgram('temporal-server'), 'start'];
  const isReady = () => answers(`http://${host}:${http}/api/v1/system-info`);
  return startPart('temporal', command, env, { folder, isReady });
}

async function startPage(folder: string, address: string): Promise<{ part: Part; url: string }> {
  const port = await freePort();
  const config = path.join(folder, 'ui');
  await mkdir(config);
  const settings = { temporalGrpcAddress: address, host, port, enableUi: true, disableNewsFetch: true };
  await writeFile(path.join(config, 'docker.yaml'), JSON.stringify(settings));
  const command = [await ensureProgram('temporal-ui-server'), '--config', 'ui', '--env', 'docker', 'start'];
  const url = `http://${host}:${port}`;
  return { part: await startPart('ui', command, {}, { folder, isReady: () => answers(`${url}/healthz`) }), url };
}

async function startStore(folder: string): Promise<{ part: Part; environment: NodeJS.ProcessEnv; bucket: string }> {
  const port = await freePort();
  const data = path.join(folder, 'store');
  const script = compose.services['store']?.command?.[0]
    ?.replaceAll('/data', data)
    .replace('0.0.0.0:7070', `${host}:${port}`);
  const gateway = path.dirname(await ensureProgram('versitygw'));
  const env = { ...environmentOf('store'), PATH: [gateway, process.env['PATH']].join(path.delimiter) };
  const endpoint = `http://${host}:${port}`;
  const isReady = () => answers(`${endpoint}/health`);
  const part = await startPart('store', ['sh', '-ec', script ?? ''], env, { folder, isReady });
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, ANNEAL_STORE } = environmentOf('worker-gpu');
  const key = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION };
  return {
    part,
    environment: { ...key, ANNEAL_STORE, AWS_ENDPOINT_URL_S3: endpoint },
    bucket: path.join(data, 'anneal'),
  };
}
