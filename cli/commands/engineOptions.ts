/** What the commands that bring an engine have in common: its options, and how it begins. */
import type { Command } from 'commander';
import type { PortsGiven } from '../dev/engine.js';
import type { Foreground } from '../dev/foreground.js';
import type { Shell } from '../shell.js';
import { parsePort } from './shared.js';

export interface EngineOptions extends PortsGiven {
  encrypt?: boolean;
  metrics?: string;
}

export function addEngineOptions(command: Command): Command {
  return addPorts(command)
    .option('--encrypt', 'encrypt what Temporal stores of the runs of this folder, from now on')
    .option(
      '--metrics <host:port>',
      'serve metrics for Prometheus at this port and the three after it (default: the variable ANNEAL_METRICS, else none)',
    );
}

function addPorts(command: Command): Command {
  const ports = [
    ['--port <port>', 'port of the Temporal server (default: 7233, or the next free one)'],
    ['--ui-port <port>', 'port of Temporal’s web page (default: 8233, or the next free one)'],
    ['--report-port <port>', 'port of the report server (default: 8234, or the next free one)'],
    ['--codec-port <port>', 'port of the codec server, where runs are encrypted (default: 8235, or the next free one)'],
    ['--http-port <port>', 'port of Temporal’s HTTP API (default: a free one)'],
  ] as const;
  for (const [flag, about] of ports) command.option(flag, about, parsePort);
  return command;
}

interface Begin extends EngineOptions {
  /** The exit code where a signal comes before the engine is up. */
  interrupted: number;
}

/** Has the engine of the folder while `work` goes on; returns what `work` returned. */
export async function withEngineHere(
  shell: Shell,
  { interrupted, metrics, encrypt, ...given }: Begin,
  work: (at: Foreground) => Promise<number>,
): Promise<number> {
  const { port, uiPort, reportPort, codecPort, httpPort } = given;
  if (encrypt) await (await import('../folderKeys.js')).encryptFolder(shell);
  const { inForeground } = await import('../dev/foreground.js');
  // What workers are told of metrics is in the environment.
  const env = metrics === undefined ? shell.env : { ...shell.env, ANNEAL_METRICS: metrics };
  const ports = { port, uiPort, reportPort, codecPort, httpPort };
  return inForeground({ shell: { ...shell, env }, ports, interrupted }, work);
}
