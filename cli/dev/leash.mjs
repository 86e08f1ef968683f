/**
 * Runs a command that must not outlive its parent, although it can't notice by itself (the Temporal server is a Go binary).
 * Usage: node leash.mjs COMMAND ARGUMENT…, started with an IPC channel. When the channel closes, because the parent
 * ended or was killed, the command gets SIGTERM and, `graceMilliseconds` later, SIGKILL. Tells the parent the command's pid.
 */
import { spawn } from 'node:child_process';

const graceMilliseconds = 3000;
const [command, ...rest] = process.argv.slice(2);
if (command === undefined) throw new Error('There is no command to run.');
const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] });

function end() {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), graceMilliseconds).unref();
}

child.once('spawn', () => process.send?.({ pid: child.pid }));
child.once('error', (error) => {
  console.error(`${command} could not be started: ${error.message}`);
  process.exit(127);
});
child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGTERM' ? 0 : 1)));
process.once('disconnect', end);
process.on('SIGTERM', end);
process.on('SIGINT', end);
