/** Memory of processes over time, by quarters of the time, and their CPU time (Linux). */
import { readFile } from 'node:fs/promises';

export interface Quarter {
  minimum: number;
  median: number;
  maximum: number;
}

export interface MemoryWatch {
  /** Ends the watch; MiB by quarter, for each process that was named. */
  stop(): Promise<Record<string, Quarter[]>>;
}

const sampleMilliseconds = 500;

/** Samples the resident memory of processes; `pids` is asked each time, since a killed worker comes again. */
export function watchMemory(pids: () => Record<string, number>): MemoryWatch {
  const samples: Record<string, number[]> = {};
  const sample = async () => {
    for (const [name, pid] of Object.entries(pids())) {
      const mebibytes = await residentMebibytes(pid);
      if (mebibytes !== null) samples[name] = [...(samples[name] ?? []), mebibytes];
    }
  };
  let last = sample();
  const timer = setInterval(() => {
    last = sample();
  }, sampleMilliseconds);
  return {
    async stop() {
      clearInterval(timer);
      await last;
      return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, quarters(values)]));
    },
  };
}

async function residentMebibytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) / 1024;
}

/** User and system time of a process so far (Linux counts in hundredths of a second); null where there is none. */
export async function cpuSecondsOf(pid: number | undefined): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.length < 13 ? null : (Number(fields[11]) + Number(fields[12])) / 100;
}

function quarters(values: readonly number[]): Quarter[] {
  return [0, 1, 2, 3].flatMap((quarter) => {
    const part = values.slice(
      Math.floor((quarter * values.length) / 4),
      Math.floor(((quarter + 1) * values.length) / 4),
    );
    const sorted = part.toSorted((one, other) => one - other);
    const [minimum, median, maximum] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    return minimum === undefined || median === undefined || maximum === undefined ? [] : [{ minimum, median, maximum }];
  });
}
