/** `anneal status` on a terminal: drawn anew in its place until nothing runs any more, or the person leaves. Only reads. */
import { setTimeout as pause } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import type { Reached } from './engineClient.js';
import { isUnavailable } from './errors.js';
import type { Shell } from './shell.js';
import { type Overview, overview } from './status.js';
import { statusView } from './statusView.js';

const everyMilliseconds = 2000;

interface LiveOptions {
  wanted: string | undefined;
  terminal: NodeJS.WriteStream;
  /** Aborted when the person leaves. */
  quit: AbortSignal;
}

/** Returns when no run is open. What was drawn last stays on the terminal. */
export async function showLive(shell: Shell, engine: Reached, { wanted, terminal, quit }: LiveOptions): Promise<void> {
  const draw = createLogUpdate(terminal, { showCursor: true });
  let seen: Overview = { lines: [], open: [] };
  try {
    while (!quit.aborted) {
      const now = await look(shell, engine, wanted);
      seen = now ?? seen;
      const isOver = now !== null && !seen.lines.some(({ state }) => state === 'running' || state === 'waiting');
      const state = now === null ? 'The Temporal server does not answer; runs go on when it does.' : leaving(isOver);
      const note = `${new Date().toTimeString().slice(0, 8)}  ${state}`;
      draw(fitted(statusView(seen, note, terminal.columns), terminal).join('\n'));
      if (isOver) return;
      await pause(everyMilliseconds, undefined, { signal: quit }).catch(() => undefined);
    }
  } finally {
    draw.done();
  }
}

function leaving(isOver: boolean): string {
  return isOver ? 'No run is open.' : 'Every 2 s. Ctrl-C leaves; runs go on.';
}

/** null while the server does not answer. */
async function look(shell: Shell, engine: Reached, wanted: string | undefined): Promise<Overview | null> {
  try {
    return await overview(shell, engine, wanted);
  } catch (error) {
    if (isUnavailable(error)) return null;
    throw error;
  }
}

/** A line that is too long would be wrapped, and a view that is too high could not be drawn over: both are cut. */
function fitted(lines: readonly string[], { columns = 80, rows = 24 }: NodeJS.WriteStream): string[] {
  const cut = lines.map((line) => (line.length <= columns ? line : `${line.slice(0, columns - 1)}…`));
  return cut.length < rows ? cut : [...cut.slice(0, rows - 2), '…'];
}
