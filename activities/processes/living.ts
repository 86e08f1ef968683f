/** All processes of ours under a folder: for the supervisor, which leaves nothing behind, and for people who look. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { claimsOf } from './claims.js';
import { endProcess, signalProcess, waitUntilGone } from './detached.js';
import { isLiving, ProcessIdentity } from './identity.js';
import { readIfThere, unlessDamaged, unlessMissing } from './there.js';

export interface LivingProcess {
  kind: 'trainer' | 'server' | 'tool';
  /** The folder of the job or server, or what the tool makes. */
  where: string;
  process: ProcessIdentity;
}

/** Folders that hold many files and never a process. */
const neverInside = new Set(['images', 'items', 'checkpoints', 'attempts', 'node_modules']);
/** A server's open requests, or a tool's last line, may take this long, in seconds. */
const leavingSeconds = 5;
/** A checkpoint that takes longer to write than this, in seconds, is given up: the one before it is whole. */
const checkpointSeconds = 120;

/** Finds them by the claims and pid files under `root`, in the folders of all runs. */
export async function livingProcesses(root: string): Promise<LivingProcess[]> {
  const entries = (await unlessMissing(readdir(root, { withFileTypes: true }))) ?? [];
  const names = entries.map(({ name }) => name);
  const inside = entries.filter((entry) => entry.isDirectory() && !neverInside.has(entry.name));
  const found = await Promise.all([
    names.includes('attempts') ? claimed(root, names) : [],
    ...names.filter((name) => name.endsWith(toolSuffix)).map((name) => tool(path.join(root, name))),
    ...inside.map(({ name }) => livingProcesses(path.join(root, name))),
  ]);
  return found.flat();
}

const toolSuffix = '.process.json';

async function claimed(folder: string, names: string[]): Promise<LivingProcess[]> {
  const kind = names.includes('server.json') ? 'server' : 'trainer';
  const processes = (await claimsOf(folder)).map((claim) => claim.process).filter((process) => process !== null);
  const living = await Promise.all(processes.map(isLiving));
  return processes.filter((_, index) => living[index]).map((process) => ({ kind, where: folder, process }));
}

async function tool(file: string): Promise<LivingProcess[]> {
  const process = await unlessDamaged(readIfThere(file).then(ProcessIdentity.nullable().parse), null);
  return process !== null && (await isLiving(process))
    ? [{ kind: 'tool', where: file.slice(0, -toolSuffix.length), process }]
    : [];
}

/**
 * Ends every one of them and returns those that lived. By `checkpoint`, trainers write one and are `interrupted`: the job may be
 * submitted again and goes on from there. By `kill`, all end at once.
 */
export async function endLocalProcesses(root: string, how: 'checkpoint' | 'kill'): Promise<LivingProcess[]> {
  const living = await livingProcesses(root);
  await Promise.all(living.map(({ kind, process }) => end(process, kind, how)));
  return living;
}

async function end(process: ProcessIdentity, kind: LivingProcess['kind'], how: 'checkpoint' | 'kill'): Promise<void> {
  if (how === 'kill') {
    await signalProcess(process, 'SIGKILL');
    await waitUntilGone(process);
    return;
  }
  await endProcess(process, { patienceSeconds: kind === 'trainer' ? checkpointSeconds : leavingSeconds });
}
