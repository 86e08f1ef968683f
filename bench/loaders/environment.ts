/** A trainer's own packages in a virtual environment of their own: their pins contradict each other and ours. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from '../../activities/processes/there.js';
import { needInterpreter } from '../../cli/setup/interpreter.js';
import { ensureEnvironment } from '../../cli/setup/lockedEnvironment.js';
import { onPath, thisMachine } from '../../cli/setup/machine.js';
import { uvPlan } from '../../cli/setup/pythonEnvironment.js';
import { problem } from '../../config/problems.js';
import { tell } from '../lib/bench.js';

const linesShown = 8;

/** The environment's interpreter. It is whole when its stamp names the requirements; one cut off, or of others, is made anew. */
export async function environmentOf(folder: string, requirements: readonly string[]): Promise<string> {
  const python = path.join(folder, 'bin', 'python');
  const stamp = path.join(folder, 'complete');
  const wanted = requirements.join('\n');
  if ((await unlessMissing(readFile(stamp, 'utf8'))) === wanted) return python;
  const machine = thisMachine();
  const interpreter = await needInterpreter(machine);
  const uv = (await onPath('uv', machine)) ?? (await ensureEnvironment(uvPlan(machine), machine, tell));
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  tell(`installing ${requirements.join(', ')} into ${folder}`);
  await run(uv, ['venv', '--quiet', '--python', interpreter.path, folder]);
  await run(uv, ['pip', 'install', '--quiet', '--python', python, ...requirements]);
  await writeFile(`${stamp}.partial`, wanted);
  await rename(`${stamp}.partial`, stamp);
  return python;
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { code, lines } = await thisMachine().run(command, args, {
    env: { ...process.env, UV_PYTHON_DOWNLOADS: 'never', UV_NO_PROGRESS: '1' },
  });
  if (code === 0) return;
  throw problem('SetUpFailed', {
    what: `"${path.basename(command)} ${args.slice(0, 2).join(' ')}" ended with ${code}: ${lines.slice(-linesShown).join(' ')}`,
    where: args.at(-1) ?? command,
    todo: 'Check that this machine reaches its package index, and run the bench again.',
  });
}
