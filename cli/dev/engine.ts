/**
 * The embedded engine: one Temporal server, the workers, the report server, kept running by this process.
 * Knows what there is and in which order it starts and ends; how one child is kept is in child.ts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { identityOf } from '../../activities/processes/identity.js';
import { taskQueues } from '../../config/queues.js';
import { EncryptionCodec } from '../../connection/codec.js';
import type { Keys } from '../../connection/keys.js';
import { defaultNamespace, type NamedServer } from '../../connection/namedServer.js';
import { startCodecServer } from '../codecServer.js';
import { keyEnvironment } from '../folderKeys.js';
import { logFolder } from '../paths.js';
import { type Backoff, type ChildPlan, KeptChild } from './child.js';
import { prepareDatabase } from './database.js';
import type { EngineClaim, EngineFacts } from './engineFile.js';
import { connectExternal, registerSearchAttributes } from './external.js';
import { choosePort, loopback, type PortWish } from './ports.js';
import { embeddedServerPlan } from './temporal.js';
import { workerPlan } from './workerPlan.js';

export const workerNames = Object.keys(taskQueues) as (keyof typeof taskQueues)[];

/** Ports as the user gave them; one that is absent is chosen, from `defaultPorts` upward. */
export interface PortsGiven {
  port?: number | undefined;
  uiPort?: number | undefined;
  reportPort?: number | undefined;
  /** Of the codec server, which only an engine with keys has. */
  codecPort?: number | undefined;
  /** Of Temporal's HTTP API; where it is absent the server takes any, which nobody is told. */
  httpPort?: number | undefined;
}
export const defaultPorts = { port: 7233, uiPort: 8233, reportPort: 8234, codecPort: 8235, httpPort: 7243 } as const;

/** What the engine is made of, given from outside. */
export interface EngineParts {
  /** The Temporal CLI; not looked at where another server is used. */
  temporal: { path: string; version: string };
  worker(name: string): Pick<ChildPlan, 'command' | 'args' | 'env'>;
  startReports(where: { port: number; host: string }): Promise<{ url: string; close(): Promise<void> }>;
  /** Ends trainers, which write a checkpoint, and model servers of this folder; says what it ended, a line each. */
  endProcesses(hurry: AbortSignal): Promise<string[]>;
}

export interface EngineOptions {
  root: string;
  ports: PortsGiven;
  env: NodeJS.ProcessEnv;
  /** What payloads are encrypted with; null: they are not. */
  keys: Keys | null;
  parts: EngineParts;
  say: (line: string) => void;
  backoff?: Backoff;
}

export class Engine {
  readonly facts: EngineFacts;
  private readonly claim: EngineClaim;
  private readonly options: EngineOptions;
  private readonly workers: KeptChild[] = [];
  private readonly portsTaken: number[] = [];
  private server: KeptChild | null = null;
  private reports: { close(): Promise<void> } | null = null;
  private codec: { close(): Promise<void> } | null = null;
  private notes = Promise.resolve();
  private stopping = false;
  /** False until the workers were up: before, trainers that go on are those of an engine before this one. */
  private worked = false;

  constructor(claim: EngineClaim, options: EngineOptions) {
    this.claim = claim;
    this.facts = claim.facts;
    this.facts.keys = [...(options.keys?.byId.keys() ?? [])];
    this.options = options;
  }

  async startServer(): Promise<void> {
    const { root, ports, parts, say } = this.options;
    await prepareDatabase(root, parts.temporal.version, say);
    const port = await this.takePort('the Temporal server', '--port', 'port', ports.port);
    const uiPort = await this.takePort('Temporal’s web page', '--ui-port', 'uiPort', ports.uiPort);
    const httpPort =
      ports.httpPort && (await this.takePort('Temporal’s HTTP API', '--http-port', 'httpPort', ports.httpPort));
    this.facts.ui = `http://${loopback}:${uiPort}`;
    await this.startCodec(this.facts.ui);
    const codec = this.facts.codec;
    const started = (name: string, pid: number) => this.note(name, pid);
    const temporal = parts.temporal.path;
    this.server = this.keep(embeddedServerPlan({ temporal, root, port, uiPort, httpPort, codec, started }));
    await this.server.ready;
    this.facts.address = `${loopback}:${port}`;
    this.facts.namespace = defaultNamespace;
    if (!(await answers(this.facts.ui)))
      say(`Temporal’s web page does not answer at ${this.facts.ui}; runs go on without it.`);
  }

  /** Lets Temporal's web page read and send what is encrypted. */
  private async startCodec(ui: string): Promise<void> {
    const { keys, ports } = this.options;
    if (keys === null) return;
    const port = await this.takePort('the codec server', '--codec-port', 'codecPort', ports.codecPort);
    const codec = await startCodecServer({ codec: new EncryptionCodec(keys), port, host: loopback, origins: [ui] });
    this.codec = codec;
    this.facts.codec = codec.url;
  }

  /** Uses a server of somebody else: only the workers and the reports are ours. */
  async useServer(external: NamedServer): Promise<void> {
    const connection = await connectExternal(external);
    try {
      await registerSearchAttributes(connection, external, this.options.say);
    } finally {
      await connection.close();
    }
    this.facts.address = external.address;
    this.facts.namespace = external.namespace;
  }

  async startWorkers(): Promise<void> {
    const { root, parts } = this.options;
    for (const name of workerNames) {
      const program = parts.worker(name);
      const env = { ...program.env, ...keyEnvironment(this.options) };
      const server = { ...this.facts, external: this.server === null };
      this.workers.push(this.keep(workerPlan(name, { ...program, env }, { root, server })));
    }
    await Promise.all(this.workers.map((worker) => worker.ready));
    this.worked = true;
  }

  async startReports(): Promise<void> {
    const { ports, parts } = this.options;
    const port = await this.takePort('the report server', '--report-port', 'reportPort', ports.reportPort);
    const reports = await parts.startReports({ port, host: loopback });
    if (this.stopping) await reports.close();
    else this.reports = reports;
    this.facts.reports = reports.url;
  }

  /** Lets others find this engine. */
  async announce(): Promise<void> {
    await this.notes;
    await this.claim.announce();
  }

  /**
   * Ends everything that it started: workers first, so that they let go of trainings rather than see them die; then
   * trainers and model servers; the Temporal server last, since the others speak to it. Says what it ended.
   */
  async stop(hurry: AbortSignal): Promise<string[]> {
    this.stopping = true;
    const ended: string[] = [];
    const stopped = await Promise.all(this.workers.map((worker) => worker.stop(hurry)));
    const names = workerNames.filter((_, index) => stopped[index]);
    if (names.length > 0) ended.push(`workers ${names.join(', ')}`);
    if (this.worked) ended.push(...(await this.options.parts.endProcesses(hurry)));
    if (await this.server?.stop(hurry)) ended.push('the Temporal server');
    if (this.reports !== null) {
      await this.reports.close();
      ended.push('the report server');
    }
    await this.codec?.close();
    await this.notes;
    await this.claim.giveBack();
    return ended;
  }

  private keep(plan: ChildPlan): KeptChild {
    const { root, say, backoff } = this.options;
    if (this.stopping) throw new Error(`${plan.name} is not started: the engine is ending.`);
    const started = (name: string, pid: number) => this.note(name, pid);
    return new KeptChild(plan, { logFolder: logFolder(root), say, started, ...(backoff ? { backoff } : {}) });
  }

  private async takePort(what: string, flag: string, which: keyof PortsGiven, given: number | undefined) {
    const wish: PortWish = { what, flag, port: given ?? defaultPorts[which], given: given !== undefined };
    const port = await choosePort(wish, this.portsTaken, this.options.say);
    this.portsTaken.push(port);
    return port;
  }

  /** Notes a child's identity in engine.json, so that the next engine knows what this one may have left. */
  private note(name: string, pid: number): void {
    const write = async () => {
      const identity = await identityOf(pid);
      if (identity === null) return;
      this.facts.children[name] = identity;
      await this.claim.note();
    };
    const { say } = this.options;
    this.notes = this.notes
      .then(write)
      .catch((error: Error) => say(`engine.json can not be written: ${error.message}`));
  }
}

async function answers(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return true;
    await pause(250);
  }
  return false;
}
