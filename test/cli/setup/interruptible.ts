/** A process that sets up an environment, for tests with two of them, or to be killed in the middle of it. */
import { ensureEnvironment } from '../../../cli/setup/lockedEnvironment.js';
import { type RunCommand, runCommand } from '../../../cli/setup/machine.js';
import { machineIn } from './builders.js';

const [folder = '', lockFile = '', env = '{}', isSlow = ''] = process.argv.slice(2);

/** Leaves half an environment, and would go on for minutes. */
const slowly: RunCommand = (command, args, options) => {
  if (!args.includes('venv')) return runCommand(command, args, options);
  const half = 'mkdir -p "$0/bin" && touch "$0/bin/tool" && chmod +x "$0/bin/tool" && exec sleep 300';
  return runCommand('sh', ['-c', half, args.at(-1) ?? ''], options);
};

const machine = machineIn(folder, { env: JSON.parse(env), run: isSlow === '' ? runCommand : slowly });
const plan = { name: 'test', what: 'the test’s packages', lockFile, neededBytes: 1, program: 'tool' };
const tool = await ensureEnvironment(plan, machine, (line) => process.stdout.write(`${line}\n`));
process.stdout.write(`tool: ${tool}\n`);
