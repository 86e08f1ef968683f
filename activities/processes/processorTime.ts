/** How long the processes of a group have had the processor: what tells work without words from a hang. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Of all that live in the group, and of those they have waited for, in seconds; 0 when there are none. */
export async function processorSeconds(group: number): Promise<number> {
  const times = process.platform === 'linux' ? await timesInProc(group) : await timesByPs(group);
  return times.reduce((sum, seconds) => sum + seconds, 0);
}

/** The kernel counts in these for whoever reads /proc, whatever its own clock is. */
const ticksPerSecond = 100;

async function timesInProc(group: number): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // One that ended between the listing and the reading has no more to say.
  const stats = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap((text) => {
    // After the command in its brackets: state, parent, group, and from field 14 on the times, own and of its children.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[2]) !== group) return [];
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
  });
}

async function timesByPs(group: number): Promise<number[]> {
  const environment = { PATH: process.env['PATH'], LC_ALL: 'C' };
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,time='], { env: environment });
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.filter(([pgid]) => Number(pgid) === group).map(([, time = '']) => secondsOf(time));
}

/** `1-02:03:04` or `3:04.56` */
function secondsOf(time: string): number {
  const [days, clock = ''] = time.includes('-') ? time.split('-') : ['0', time];
  return Number(days) * 86_400 + clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
