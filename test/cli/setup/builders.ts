/** Machines to set up: real temporary folders and real programs, nothing of the user's. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Machine, runCommand, thisMachine } from '../../../cli/setup/machine.js';

/** Where the Python lies that a version manager's shims stand for: starting it directly saves a second each time. */
const pythonFolder = path.dirname(
  execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim(),
);

/** This machine with a cache and a home of its own, without our variables, and with few programs on its PATH. */
export function machineIn(folder: string, changes: Partial<Machine> = {}): Machine {
  const { ANNEAL_PYTHON: _python, ANNEAL_TEMPORAL_CLI: _temporal, ...env } = process.env;
  const own = { ...env, XDG_CACHE_HOME: path.join(folder, 'cache'), PATH: `${pythonFolder}:/usr/bin:/bin` };
  return { ...thisMachine(), home: folder, ...changes, env: { ...own, ...changes.env } };
}

/** Writes an executable shell script and returns its path. */
export async function script(file: string, text: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A real wheel with one program, "tool", in a folder that pip takes packages from; and the lock file that names it. */
export async function packageIndex(folder: string): Promise<{ lockFile: string; env: NodeJS.ProcessEnv }> {
  const wheels = path.join(folder, 'wheels');
  await mkdir(wheels, { recursive: true });
  const wheel = path.join(wheels, 'tool-1.0-py3-none-any.whl');
  const made = await runCommand('python3', ['-c', wheelMaker, wheel]);
  if (made.code !== 0) throw new Error(made.lines.join('\n'));
  const digest = createHash('sha256')
    .update(await readFile(wheel))
    .digest('hex');
  const lockFile = path.join(folder, 'requirements.lock');
  await writeFile(lockFile, `tool==1.0 \\\n    --hash=sha256:${digest}\n`);
  return { lockFile, env: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels } };
}

const wheelMaker = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    program = zipfile.ZipInfo('tool-1.0.data/scripts/tool')
    program.external_attr = 0o100755 << 16
    wheel.writestr(program, '#!/bin/sh\\necho tool works\\n')
    wheel.writestr('tool-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tool\\nVersion: 1.0\\n')
    wheel.writestr('tool-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('tool-1.0.dist-info/RECORD', '')
`;
