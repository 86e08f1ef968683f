/**
 * Who may start the process of a folder. Each start is a file, `attempts/<n>.json`, that can be made only once; so of any
 * number of starters, in any number of processes, one starts it, and the others see who did.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeJson } from '../storage/files.js';
import { isLiving, ownIdentity, ProcessIdentity } from './identity.js';
import { readIfThere, unlessDamaged, unlessMissing } from './there.js';

export const Claim = z.object({
  attempt: z.int().positive(),
  claimer: ProcessIdentity,
  process: ProcessIdentity.nullable().describe('null until it is spawned.'),
  port: z.int().nullable().describe('Where a server listens; null for trainers.'),
});
export type Claim = z.infer<typeof Claim>;

const claimsFolder = 'attempts';

/** No system gives a process such an id. */
const nobody: ProcessIdentity = { pid: Number.MAX_SAFE_INTEGER, startedAt: '' };

function claimFile(folder: string, attempt: number): string {
  return path.join(folder, claimsFolder, `${attempt}.json`);
}

/** All claims of a folder, the first attempt first. */
export async function claimsOf(folder: string): Promise<Claim[]> {
  const names = (await unlessMissing(readdir(path.join(folder, claimsFolder)))) ?? [];
  const attempts = names.map((name) => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0)).filter((attempt) => attempt > 0);
  const claims = await Promise.all(attempts.map((attempt) => readClaim(folder, attempt)));
  return claims.filter((claim) => claim !== null).sort((left, right) => left.attempt - right.attempt);
}

/** null when the claim was given back between listing and reading. One that a power cut emptied is of nobody who lives. */
async function readClaim(folder: string, attempt: number): Promise<Claim | null> {
  const found = readIfThere(claimFile(folder, attempt)).then(Claim.nullable().parse);
  return unlessDamaged(found, { attempt, claimer: nobody, process: null, port: null });
}

/** Takes the attempt; null when somebody else has it. A link, unlike a new file, is whole when it appears. */
export async function takeClaim(folder: string, attempt: number, port: number | null = null): Promise<Claim | null> {
  const claim: Claim = { attempt, claimer: await ownIdentity(), process: null, port };
  const file = claimFile(folder, attempt);
  const draft = path.join(path.dirname(file), `.${randomUUID()}`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeJson(draft, claim);
  try {
    await link(draft, file);
    return claim;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  } finally {
    await rm(draft);
  }
}

/** Writes down which process came of the claim. */
export async function recordProcess(folder: string, claim: Claim, identity: ProcessIdentity): Promise<void> {
  await writeJson(claimFile(folder, claim.attempt), { ...claim, process: identity });
}

/** For a claim whose process never started: the attempt is free again. */
export async function giveBackClaim(folder: string, claim: Claim): Promise<void> {
  await rm(claimFile(folder, claim.attempt), { force: true });
}

export type Standing =
  | { kind: 'living'; attempt: number; process: ProcessIdentity; port: number | null }
  /** Somebody living is about to start it. */
  | { kind: 'claimed' }
  /** Every process ever started here is proven gone. */
  | { kind: 'free'; next: number };

/** How things stand in a folder. `free` is a proof: a new start needs the claim `next`, which only one can take. */
export async function standingOf(folder: string): Promise<Standing> {
  const claims = await claimsOf(folder);
  for (const { attempt, process, port } of claims.toReversed()) {
    if (process !== null && (await isLiving(process))) return { kind: 'living', attempt, process, port };
  }
  const last = claims.at(-1);
  if (last !== undefined && last.process === null && (await isLiving(last.claimer))) return { kind: 'claimed' };
  return { kind: 'free', next: (last?.attempt ?? 0) + 1 };
}
