/** An engine in the foreground: this process is its supervisor until a signal comes, and says what it ends. */
import { folderKeys } from '../folderKeys.js';
import { type Shell, talkWithTime } from '../shell.js';
import type { Engine, EngineParts, PortsGiven } from './engine.js';
import { type EngineFacts, engineStanding } from './engineFile.js';
import { engineParts } from './parts.js';
import { type Started, startEngine } from './start.js';

/** Signals within this of the first are the same Ctrl-C: a terminal and npm both send it. */
const sameSignalMilliseconds = 500;
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** `quit` is aborted by the first Ctrl-C, `hurry` by the second. */
interface EndSignals {
  quit: AbortSignal;
  hurry: AbortSignal;
  stopListening(): void;
}

export function listenForEnd(): EndSignals {
  const quit = new AbortController();
  const hurry = new AbortController();
  let first = 0;
  const listener = () => {
    if (first === 0) {
      first = Date.now();
      quit.abort(new Interrupted());
    } else if (Date.now() - first > sameSignalMilliseconds) {
      hurry.abort();
    }
  };
  for (const signal of endingSignals) process.on(signal, listener);
  const stopListening = () => {
    for (const signal of endingSignals) process.off(signal, listener);
  };
  return { quit: quit.signal, hurry: hurry.signal, stopListening };
}

export interface Foreground {
  facts: EngineFacts;
  /** True where another process is the supervisor. */
  found: boolean;
  quit: AbortSignal;
}

export interface ForegroundOptions {
  shell: Shell;
  ports: PortsGiven;
  /** The exit code where a signal comes before the start is done. */
  interrupted: number;
  /** What the engine is made of, got only where one must be started. */
  parts?: (shell: Shell, say: (line: string) => void) => Promise<EngineParts>;
}

/**
 * Has an engine while `work` goes on: starts one, or uses the one that runs for the folder. One that it started is ended
 * in the end, whatever happens. Returns what `work` returned.
 */
export async function inForeground(
  options: ForegroundOptions,
  work: (at: Foreground) => Promise<number>,
): Promise<number> {
  const say = talkWithTime(options.shell);
  const start = await preparedStart(options, say); // Until here a signal just ends the process.
  const { quit, hurry, stopListening } = listenForEnd();
  let engine: Engine | null = null;
  try {
    const started = await start(quit);
    if ('found' in started) return await work({ facts: started.found, found: true, quit });
    engine = started.engine;
    return await work({ facts: engine.facts, found: false, quit });
  } catch (error) {
    if (error instanceof Interrupted) return options.interrupted;
    throw error;
  } finally {
    if (engine !== null) await end(engine, hurry, say);
    stopListening();
  }
}

async function preparedStart(
  { shell, ports, parts: partsOf = engineParts }: ForegroundOptions,
  say: (line: string) => void,
) {
  const standing = await engineStanding(shell.root);
  if (standing.kind === 'ready') return async (): Promise<Started> => ({ found: standing.facts });
  const { root, env } = shell;
  const keys = folderKeys(shell); // Keys that can't be read are refused before anything is installed.
  const parts = await partsOf(shell, say);
  return (quit: AbortSignal) => startEngine({ root, ports, env, keys, parts, say }, quit);
}

async function end(engine: Engine, hurry: AbortSignal, say: (line: string) => void): Promise<void> {
  say('Ending; a training that runs writes a checkpoint first (Ctrl-C again: at once).');
  for (const line of await engine.stop(hurry)) say(`ended ${line}`);
}

/** Resolves when the person wants to leave. */
export function untilQuit(quit: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (quit.aborted) resolve();
    quit.addEventListener('abort', () => resolve(), { once: true });
  });
}
