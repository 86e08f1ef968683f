/** The living processes of one project folder, as the system lists them (Linux). */
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

interface Seen {
  pid: number;
  argv: string[];
}

/** Read at once: the watch lists them five times a second, and a promise a process would take a third of a core. */
function processes(): Seen[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => ({ pid: Number(pid), argv: argvOf(pid) })).filter(({ pid }) => pid !== process.pid);
}

/** Empty for one that has ended meanwhile, and for the kernel's own. */
function argvOf(pid: string): string[] {
  return textOf(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/**
 * Every process that has to do with a folder, a line each: named in its command line, its working folder, or open in it
 * (a model server of the base model is known by its log alone).
 */
export async function processesAt(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const { pid, argv } of processes()) {
    const places = [...argv, await linkOf(`/proc/${pid}/cwd`), ...(await openFiles(pid))];
    if (places.some((place) => place.includes(root))) found.push(`${pid}: ${argv.join(' ')}`);
  }
  return found;
}

async function openFiles(pid: number): Promise<string[]> {
  const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return Promise.all(handles.map((handle) => linkOf(`/proc/${pid}/fd/${handle}`)));
}

function linkOf(file: string): Promise<string> {
  return readlink(file).catch(() => '');
}

export interface TrainerWatch {
  /** Every trainer that was seen, by its job's folder. */
  pids: Map<string, Set<number>>;
  /** Moments at which one job had two trainers, as text; there must be none. */
  together: string[];
  stop(): Promise<void>;
}

const sampleMilliseconds = 200;

/** Looks for trainers of a folder five times a second. */
export function watchTrainers(root: string): TrainerWatch {
  const pids = new Map<string, Set<number>>();
  const together: string[] = [];
  let watching = true;
  const watch = async () => {
    while (watching) {
      const living = trainers(root);
      for (const { pid, job } of living) pids.set(job, (pids.get(job) ?? new Set()).add(pid));
      for (const job of new Set(living.map((trainer) => trainer.job))) {
        const here = living.filter((trainer) => trainer.job === job).map(({ pid }) => pid);
        if (here.length > 1) together.push(`${new Date().toISOString()} ${job}: ${here.join(', ')}`);
      }
      await pause(sampleMilliseconds);
    }
  };
  const done = watch();
  return {
    pids,
    together,
    stop() {
      watching = false;
      return done;
    },
  };
}

/** A trainer leads a session of its own; what it forks has the same command line and is no second one. */
function trainers(root: string): { pid: number; job: string }[] {
  const found: { pid: number; job: string }[] = [];
  for (const { pid, argv } of processes()) {
    const at = argv.indexOf('anneal_trainer');
    const job = argv[at + 1] === 'run' ? argv[at + 2] : undefined;
    if (at > 0 && job?.startsWith(root) && sessionOf(pid) === pid) found.push({ pid, job });
  }
  return found;
}

function sessionOf(pid: number): number {
  const text = textOf(`/proc/${pid}/stat`);
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[3]);
}
