/** Ports on this machine: whether one is free, and who has it if not. */

import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { problem } from '../../config/problems.js';

/** Everything that we start listens here and nowhere else. */
export const loopback = '127.0.0.1';

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    probe.listen({ port, host: loopback, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

export interface PortWish {
  /** For people: the Temporal server. */
  what: string;
  flag: string;
  port: number;
  /** True when the user named it: then another is never taken instead. */
  given: boolean;
}

/** The wished port, or the next free one if nobody insisted; `say` hears of it. Throws PortTaken. */
export async function choosePort(
  { what, flag, port, given }: PortWish,
  taken: readonly number[],
  say: (line: string) => void,
): Promise<number> {
  if (!taken.includes(port) && (await isPortFree(port))) return port;
  const holder = taken.includes(port) ? 'another server of this engine' : await holderOf(port);
  if (given) {
    throw problem('PortTaken', {
      what: `Port ${port}, wanted for ${what}, is taken by ${holder}.`,
      where: `${loopback}:${port}`,
      todo: `End that process, or choose another port: ${flag} ${(await nextFree(port + 1, taken)) ?? '<port>'}`,
    });
  }
  const instead = await nextFree(port + 1, taken);
  if (instead === null) {
    throw problem('PortTaken', {
      what: `Port ${port}, wanted for ${what}, is taken by ${holder}, and so are the ${portsTried} after it.`,
      where: `${loopback}:${port}`,
      todo: `Name a free one: ${flag} <port>`,
    });
  }
  say(`Port ${port} is taken by ${holder}: ${what} uses ${instead} (choose with ${flag}).`);
  return instead;
}

const portsTried = 50;

async function nextFree(from: number, taken: readonly number[]): Promise<number | null> {
  for (let port = from; port < from + portsTried && port <= 65_535; port++) {
    if (!taken.includes(port) && (await isPortFree(port))) return port;
  }
  return null;
}

/** The process that listens on a port, as `node (process 4711)`; vague where the system does not tell. */
export async function holderOf(port: number): Promise<string> {
  const pid = process.platform === 'linux' ? await listenerByProc(port) : await listenerByLsof(port);
  if (pid === null) return 'another program';
  const name = await commandOf(pid);
  return `${name} (process ${pid})`;
}

async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux')
    return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a program')).trim();
  const answer = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => null);
  return answer?.stdout.trim() || 'a program';
}

async function listenerByLsof(port: number): Promise<number | null> {
  const answer = await promisify(execFile)('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN']).catch(() => null);
  const pid = Number(answer?.stdout.split('\n')[0]);
  return pid > 0 ? pid : null;
}

/** Linux: the socket's inode from /proc/net/tcp, then the process that holds it. Other users' processes stay unknown. */
async function listenerByProc(port: number): Promise<number | null> {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === listening && inode && Number.parseInt(local?.split(':')[1] ?? '', 16) === port) inodes.add(inode);
    }
  }
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '')) return Number(pid);
    }
  }
  return null;
}

/** State TCP_LISTEN in /proc/net/tcp. */
const listening = '0A';
