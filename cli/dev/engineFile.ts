/**
 * Which engine runs for a folder. `.anneal/engine/attempts/` says who may (one at a time: activities/processes/claims),
 * `.anneal/engine.json` says where it is.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Claim, giveBackClaim, recordProcess, standingOf, takeClaim } from '../../activities/processes/claims.js';
import { isLiving, ownIdentity, ProcessIdentity } from '../../activities/processes/identity.js';
import { readIfThere } from '../../activities/processes/there.js';
import { writeJson } from '../../activities/storage/files.js';
import { annealFolder } from '../paths.js';

export const EngineFacts = ProcessIdentity.extend({
  address: z.string().describe('host:port of the Temporal server.'),
  namespace: z.string(),
  ui: z.string().nullable().describe('Temporal’s web page; null where a server of somebody else is used.'),
  reports: z.string().nullable().describe('Address of the report server.'),
  codec: z.string().nullable().default(null).describe('Address of the codec server; null where it runs none.'),
  keys: z.array(z.string()).default([]).describe('Ids of the keys that its workers have; none: they encrypt nothing.'),
  children: z.record(z.string(), ProcessIdentity).describe('What the next engine waits for, if this one is killed.'),
});
export type EngineFacts = z.infer<typeof EngineFacts>;

export function engineFile(root: string): string {
  return path.join(annealFolder(root), 'engine.json');
}

function claimFolder(root: string): string {
  return path.join(annealFolder(root), 'engine');
}

/** What the file says, whether that engine lives or not; null when there is none. */
async function readEngineFile(root: string): Promise<EngineFacts | null> {
  const content = await readIfThere(engineFile(root));
  return content === null ? null : EngineFacts.parse(content);
}

export type EngineStanding = { kind: 'none' } | { kind: 'starting' } | { kind: 'ready'; facts: EngineFacts };

/** Whether an engine lives for this folder. */
export async function engineStanding(root: string): Promise<EngineStanding> {
  const standing = await standingOf(claimFolder(root));
  if (standing.kind === 'free') return { kind: 'none' };
  const facts = standing.kind === 'living' ? await readEngineFile(root) : null;
  return facts !== null && (await isLiving(facts)) ? { kind: 'ready', facts } : { kind: 'starting' };
}

/** The right of this process to be the engine of a folder. */
export interface EngineClaim {
  facts: EngineFacts;
  /** What an engine that was killed noted: its children may still be ending. */
  left: EngineFacts | null;
  /** Writes `facts`. */
  note(): Promise<void>;
  /** Lets others find this engine. */
  announce(): Promise<void>;
  giveBack(): Promise<void>;
}

/** Makes this process the engine of the folder; null when there is one, or one is starting. */
export async function claimEngine(root: string): Promise<EngineClaim | null> {
  const standing = await standingOf(claimFolder(root));
  if (standing.kind !== 'free') return null;
  const claim = await takeClaim(claimFolder(root), standing.next);
  if (claim === null) return null;
  const left = await readEngineFile(root);
  const own = await ownIdentity();
  const facts = { ...own, address: '', namespace: '', ui: null, reports: null, codec: null, keys: [], children: {} };
  return { facts, left, ...claimed(root, claim, facts) };
}

function claimed(root: string, claim: Claim, facts: EngineFacts): Omit<EngineClaim, 'facts' | 'left'> {
  const note = () => writeJson(engineFile(root), facts);
  return {
    note,
    async announce() {
      await note();
      await recordProcess(claimFolder(root), claim, await ownIdentity());
    },
    async giveBack() {
      await rm(engineFile(root), { force: true });
      await giveBackClaim(claimFolder(root), claim);
    },
  };
}
