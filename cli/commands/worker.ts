/** `anneal worker`: a part of a cluster, the workers of some classes in the foreground. */
import { Argument, type Command, Option } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { taskQueues } from '../../config/queues.js';
import type { WorkerKind } from '../../workers/kinds.js';
import { printResult, type Shell } from '../shell.js';
import { type JsonOption, parsePort, type Runner, subcommand } from './shared.js';

const about =
  'Run the workers of one class or more on the Temporal server that TEMPORAL_ADDRESS or temporal.toml names, until ' +
  'Ctrl-C or SIGTERM. A worker that dies is started again. At the end they drain: trainings and model servers go on ' +
  'and are taken over by the next gpu worker of this folder, unless --end-trainings says otherwise.';

/** For the Temporal server to answer; who starts the worker tries again after that. */
const patienceSeconds = 120;

interface WorkerOptions extends JsonOption {
  healthPort?: number;
  buildId?: string;
  endTrainings?: boolean;
}

export function addWorker(program: Command, run: Runner): void {
  const command = subcommand(
    program,
    'worker',
    { summary: 'run workers of a cluster until Ctrl-C', about },
    'anneal worker data vlm',
  );
  command
    .addArgument(new Argument('<class...>', 'which queues are served').choices(Object.keys(taskQueues)))
    .addOption(
      new Option(
        '--health-port <port>',
        'answer GET /health on this port of 127.0.0.1: 200, or 503 while one is not up',
      )
        .env('ANNEAL_HEALTH_PORT')
        .argParser(parsePort),
    )
    .addOption(
      new Option('--build-id <id>', 'take only runs of this build of the workflows (Worker Versioning)').env(
        'ANNEAL_BUILD_ID',
      ),
    )
    .option('--end-trainings', 'at the end trainers write a checkpoint and end, as in a container they must')
    .action(run(worker));
}

async function worker(shell: Shell, kinds: WorkerKind[], options: WorkerOptions): Promise<number> {
  const { keepWorkers } = await import('../dev/workers.js');
  const { healthPort, buildId, endTrainings = false } = options;
  const wish = { kinds: [...new Set(kinds)], healthPort, buildId, endTrainings, patienceSeconds };
  await keepWorkers(shell, wish, ({ address, namespace }) => {
    const facts = { pid: process.pid, classes: wish.kinds, address, namespace, buildId: buildId || null };
    printResult(shell, Boolean(options.json), facts, [
      `Workers ${wish.kinds.join(', ')} run on ${address}, namespace ${namespace}. Ctrl-C drains them.`,
      ...(buildId ? [notCurrent(buildId)] : []),
    ]);
  });
  return exitCodes.done;
}

function notCurrent(buildId: string): string {
  return (
    `  New runs begin on build ${buildId} once it is current: ` +
    `temporal worker deployment set-current-version --deployment-name anneal --build-id ${buildId}`
  );
}
