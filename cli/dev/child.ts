/**
 * One child process that is kept running: started again with back-off when it dies, its output in a log file.
 * Knows nothing of what the child does. Children are led by an IPC channel: they end when it closes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { problem } from '../../config/problems.js';
import { shown } from '../paths.js';

export interface ChildPlan {
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Ends what the last child left behind; done before each start and after the end. */
  clear?: () => Promise<void>;
  /** Resolves when the started child does its work; by default when it sends `{ready: true}`. */
  becomesReady?: (child: ChildProcess) => Promise<void>;
  /** Between SIGTERM and SIGKILL. */
  graceSeconds: number;
}

export interface Surroundings {
  /** null: what children print goes where this process' own talk goes. */
  logFolder: string | null;
  say: (line: string) => void;
  /** Called when a child was started, with its name and pid. */
  started?: (name: string, pid: number) => void;
  backoff?: Backoff;
}

/** Delay before each restart: doubles from first to longest, and begins anew after the child was up for `healthy`. */
export interface Backoff {
  firstMilliseconds: number;
  longestMilliseconds: number;
  healthyMilliseconds: number;
}
const usualBackoff: Backoff = { firstMilliseconds: 1000, longestMilliseconds: 30_000, healthyMilliseconds: 60_000 };

/** A child that never got ready so often will not by itself: the engine's start fails. */
const attemptsToBecomeReady = 3;

/** One that lives so long without becoming ready hangs; a busy machine was seen to need half a minute. */
const readyWithinMilliseconds = 180_000;

export class KeptChild {
  readonly name: string;
  /** Resolves when it first became ready; rejects when it ended `attemptsToBecomeReady` times before. */
  readonly ready: Promise<void>;
  private readonly plan: ChildPlan;
  private readonly around: Surroundings;
  private readonly log: string | null;
  private child: ChildProcess | null = null;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;
  private up = false;
  private everReady = false;
  private failures = 0;
  private settle: { resolve: () => void; reject: (error: Error) => void } = { resolve() {}, reject() {} };

  constructor(plan: ChildPlan, around: Surroundings) {
    this.name = plan.name;
    this.plan = plan;
    this.around = around;
    this.log = around.logFolder && path.join(around.logFolder, `${plan.name}.log`);
    this.ready = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.ready.catch(() => undefined); // The waiter may come later; it still gets the rejection.
    this.begin();
  }

  /** True while it does its work: not before it is ready, and not from the moment it is told to end. */
  get isUp(): boolean {
    return this.up && !this.stopping;
  }

  /** Ends it for good: SIGTERM, then SIGKILL after its grace or when `hurry` is aborted. True if there was one to end. */
  async stop(hurry: AbortSignal): Promise<boolean> {
    this.stopping = true;
    clearTimeout(this.restart);
    const { child, plan } = this;
    if (child !== null) await endChild(child, plan.graceSeconds, hurry);
    await plan.clear?.();
    return child !== null;
  }

  private begin(): void {
    this.start().catch((error: Error) => this.startLater(error.message, 0));
  }

  private async start(): Promise<void> {
    const { plan, log, around } = this;
    await plan.clear?.();
    if (this.stopping) return;
    const begun = Date.now();
    const child = spawnLogged(plan, log);
    this.child = child;
    if (child.pid !== undefined) around.started?.(plan.name, child.pid);
    const late = setTimeout(() => this.giveUpOn(child, 'it takes too long'), readyWithinMilliseconds);
    (plan.becomesReady ?? saysReady)(child).then(
      () => {
        clearTimeout(late);
        this.becameReady();
      },
      (error: Error) => this.giveUpOn(child, error.message),
    );
    whenOver(child, (how) => {
      clearTimeout(late);
      this.child = null;
      this.up = false;
      if (!this.stopping) this.startLater(how, Date.now() - begun);
    });
  }

  /** It lives but does not work: what follows is as if it had died. */
  private giveUpOn(child: ChildProcess, why: string): void {
    if (this.child !== child || this.stopping) return;
    this.around.say(`${this.name} does not become ready: ${why}`);
    child.kill('SIGKILL');
  }

  private becameReady(): void {
    if (this.failures > 0 && !this.stopping) this.around.say(`${this.name} runs again.`);
    this.up = true;
    this.everReady = true;
    this.settle.resolve();
  }

  private startLater(how: string, upMilliseconds: number): void {
    const { firstMilliseconds, longestMilliseconds, healthyMilliseconds } = this.around.backoff ?? usualBackoff;
    if (upMilliseconds >= healthyMilliseconds) this.failures = 0;
    const delay = Math.min(firstMilliseconds * 2 ** this.failures, longestMilliseconds);
    this.failures += 1;
    if (!this.everReady && this.failures >= attemptsToBecomeReady) {
      this.settle.reject(neverReady(this.name, how, this.log));
      return;
    }
    this.around.say(
      `${this.name} ended (${how}); it starts again in ${delay / 1000} s.${this.log ? ` Its log: ${shown(this.log)}` : ''}`,
    );
    this.restart = setTimeout(() => this.begin(), delay);
  }
}

/** A process group of its own, so that Ctrl-C in a terminal reaches the supervisor alone, which ends the rest in order. */
function spawnLogged(plan: ChildPlan, log: string | null): ChildProcess {
  const { command, args, cwd, env } = plan;
  const begin = (output: number) =>
    spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', output, output, 'ipc'] });
  if (log === null) return begin(process.stderr.fd);
  mkdirSync(path.dirname(log), { recursive: true });
  keepLogShort(log);
  const output = openSync(log, 'a');
  try {
    return begin(output);
  } finally {
    closeSync(output);
  }
}

/** A log above 10 MB is set aside when its process starts; one older is kept. */
function keepLogShort(log: string): void {
  if (existsSync(log) && statSync(log).size > 10_000_000) renameSync(log, `${log}.1`);
}

/** Calls back once, however the process ended or failed to begin. */
function whenOver(child: ChildProcess, callback: (how: string) => void): void {
  const once = (how: string) => {
    child
      .removeAllListeners('error')
      .removeAllListeners('exit')
      .on('error', () => undefined);
    callback(how);
  };
  child.once('error', (error) => once(error.message));
  child.once('exit', (code, signal) => once(signal ?? `exit code ${code}`));
}

function saysReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message: { ready?: boolean }) => {
      if (message.ready) resolve();
    });
  });
}

export async function endChild(child: ChildProcess, graceSeconds: number, hurry: AbortSignal): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = () => child.kill('SIGKILL');
  const grace = setTimeout(kill, graceSeconds * 1000);
  hurry.addEventListener('abort', kill, { once: true });
  child.kill('SIGTERM');
  if (hurry.aborted) kill();
  await gone;
  clearTimeout(grace);
  hurry.removeEventListener('abort', kill);
}

function neverReady(name: string, how: string, log: string | null): Error {
  const line = log === null ? '' : lastWords(log);
  return problem('EngineUnavailable', {
    what: `${name} ended ${attemptsToBecomeReady} times before it was ready, at last with ${how}${line && `: ${line}`}`,
    where: log === null ? 'what it printed, above' : shown(log),
    todo: 'Read that log; `anneal doctor` says what is missing on this machine.',
  });
}

/** The last line of a log that names an error, or else its last; empty when there is none. */
function lastWords(log: string): string {
  const file = openSync(log, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, 4096));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString('utf8').trim().split('\n');
    return (lines.findLast((line) => /^\w*error\b/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
  } finally {
    closeSync(file);
  }
}
