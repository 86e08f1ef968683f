/** Waiting for an engine that another process is starting. */
import { setTimeout as pause } from 'node:timers/promises';
import { problem } from '../../config/problems.js';
import { logFolder, shown } from '../paths.js';
import { type EngineFacts, engineStanding } from './engineFile.js';

/** Longer than any start that was seen; set-up is done before. */
const startMinutes = 3;

/** The engine of the folder, when it is ready; null when there is none, or its start was given up. */
export async function untilReady(root: string): Promise<EngineFacts | null> {
  const deadline = Date.now() + startMinutes * 60_000;
  while (Date.now() < deadline) {
    const standing = await engineStanding(root);
    if (standing.kind === 'none') return null;
    if (standing.kind === 'ready') return standing.facts;
    await pause(200);
  }
  throw problem('EngineUnavailable', {
    what: `Another \`anneal dev\` of this folder has been starting for ${startMinutes} minutes.`,
    where: root,
    todo: `Look into ${shown(logFolder(root))}, or end that process and try again.`,
  });
}
