/** Starts the engine of a folder, or finds the one that runs for it: `anneal dev` and `anneal start` begin here. */
import { namedServer } from '../../connection/namedServer.js';
import { Engine, type EngineOptions } from './engine.js';
import { claimEngine, type EngineFacts } from './engineFile.js';
import { seeGone } from './leftovers.js';
import { untilReady } from './ready.js';

export type Started = { engine: Engine } | { found: EngineFacts };

/**
 * Starts everything, or names the engine that runs for this folder already. Throws EngineUnavailable or PortTaken, or
 * the reason of `quit` when that is aborted meanwhile, with nothing left behind.
 */
export async function startEngine(options: EngineOptions, quit: AbortSignal): Promise<Started> {
  const external = namedServer(options.env);
  const claim = await claimEngine(options.root);
  if (claim === null) {
    const found = await untilReady(options.root);
    return found === null ? startEngine(options, quit) : { found };
  }
  const engine = new Engine(claim, options);
  try {
    await unlessAborted(quit, async () => {
      if (claim.left !== null) await outlive(claim.left, options.say);
      if (external === null) await engine.startServer();
      else await engine.useServer(external);
      await engine.startWorkers();
      await engine.startReports();
      await engine.announce();
    });
    return { engine };
  } catch (error) {
    await engine.stop(AbortSignal.timeout(giveUpMilliseconds));
    throw error;
  }
}

/** How long a start that failed waits for what it had begun to end by itself. */
const giveUpMilliseconds = 5000;

export async function unlessAborted(quit: AbortSignal, work: () => Promise<void>): Promise<void> {
  quit.throwIfAborted();
  let stopWaiting: () => void = () => undefined;
  const aborted = new Promise<void>((_, reject) => {
    stopWaiting = () => reject(quit.reason);
    quit.addEventListener('abort', stopWaiting);
  });
  try {
    await Promise.race([work(), aborted]);
  } finally {
    quit.removeEventListener('abort', stopWaiting);
  }
}

/** Children of an engine that was killed end by themselves within seconds; the database and the ports must be free first. */
async function outlive(left: EngineFacts, say: (line: string) => void): Promise<void> {
  say(`The engine before (process ${left.pid}) did not end in order; its runs go on in this one.`);
  await seeGone(Object.values(left.children), 10_000);
}
