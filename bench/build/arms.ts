/** Runs an arm of the bench as a process of its own, watches its memory, and kills it when asked to. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ArmEnd {
  /** The digest of the dataset, or how many pictures were baked. Null for one that was killed. */
  result: string | null;
  seconds: number;
  /** Of all its threads and processes, its start apart. */
  cpuSeconds: number;
  /** The most that the process held of the machine's memory, in bytes, sampled every half second. */
  peakBytes: number;
  /** The last heartbeat's rows and what was being done. */
  last: { doing: string; rows: number } | null;
}

export interface Arm {
  name: 'build' | 'sharp' | 'huggingFace';
  folder: string;
  into: string;
  python: string;
  /** Compression level of the PNGs of the arm `huggingFace`. */
  level: number;
}

/** Runs an arm to its end, or until `killWhen` says so of a heartbeat: then it is killed with SIGKILL. Throws what a failed arm said. */
export async function runArm(
  arm: Arm,
  killWhen: (beat: { doing: string; rows: number }) => boolean = () => false,
): Promise<ArmEnd> {
  const child = spawn(...commandOf(arm), { stdio: ['ignore', 'pipe', 'inherit'] });
  const end: ArmEnd = { result: null, seconds: 0, cpuSeconds: 0, peakBytes: 0, last: null };
  const began = performance.now();
  let killed = false;
  const sampling = setInterval(() => {
    end.peakBytes = Math.max(end.peakBytes, residentBytes(child.pid));
  }, 500);
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as {
        heartbeat?: { doing: string; rows: number };
        result?: string;
        seconds?: number;
        cpuSeconds?: number;
      };
      const { result, seconds, cpuSeconds } = said;
      if (result !== undefined) Object.assign(end, { result, seconds, cpuSeconds });
      if (!said.heartbeat) continue;
      end.last = said.heartbeat;
      if (killed || !killWhen(said.heartbeat)) continue;
      killed = true;
      child.kill('SIGKILL');
    }
  } finally {
    clearInterval(sampling);
  }
  const code = await exit;
  if (killed) return { ...end, seconds: (performance.now() - began) / 1000 };
  if (code !== 0 || end.result === null) throw new Error(`The arm ${arm.name} ended with code ${code}.`);
  return end;
}

function commandOf({ name, folder, into, python, level }: Arm): [string, string[]] {
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  if (name === 'huggingFace') return [python, [here('huggingFace.py'), folder, into, '2', String(level)]];
  return [process.execPath, ['--import', 'tsx', here('arm.ts'), name, folder, into]];
}

/** Resident memory of a process and its children, by /proc. */
function residentBytes(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    const own = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean);
    return own + children.reduce((sum, child) => sum + residentBytes(Number(child)), 0);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}
