/** The SDK's runtime of a worker process: metrics and logs by settings of the environment. To be installed before anything else. */
import { DefaultLogger, type LogLevel, Runtime, type RuntimeOptions } from '@temporalio/worker';
import { metrics } from '../../config/metrics.js';
import { problem } from '../../config/problems.js';
import { jsonLine } from './jsonLog.js';

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const satisfies readonly LogLevel[];

/**
 * `kind` marks every metric and every line, since the workers' are read together. Throws InvalidInput for a setting that is
 * none, PortTaken where metrics can't be served.
 */
export function installRuntime(kind: string, env: NodeJS.ProcessEnv): void {
  const address = env['ANNEAL_METRICS'];
  try {
    Runtime.install(runtimeOptions(kind, env));
  } catch (error) {
    if (!address || !/prometheus/i.test(String(error))) throw error;
    throw problem(
      'PortTaken',
      {
        what: `Metrics can't be served at ${address}: ${(error as Error).message}`,
        where: 'ANNEAL_METRICS',
        todo: 'Give an address of this machine with free ports: this one and, of `anneal dev`, the three after it.',
      },
      { cause: error },
    );
  }
}

function runtimeOptions(kind: string, env: NodeJS.ProcessEnv): RuntimeOptions {
  const address = env['ANNEAL_METRICS'];
  const level = oneOf('ANNEAL_LOG_LEVEL', env, levels, 'INFO');
  const isJson = oneOf('ANNEAL_LOG', env, ['text', 'json'], 'text') === 'json';
  const histogramBucketOverrides = { [metrics.vlmSeconds.name]: [...metrics.vlmSeconds.buckets] };
  return {
    logger: isJson
      ? new DefaultLogger(level, (entry) => process.stderr.write(`${jsonLine(entry, kind)}\n`))
      : new DefaultLogger(level),
    telemetryOptions: {
      logging: {
        filter: { core: level === 'INFO' ? 'WARN' : level, other: 'ERROR' },
        ...(isJson ? { forward: {} } : {}),
      },
      ...(address
        ? {
            metrics: {
              globalTags: { worker: kind },
              prometheus: { bindAddress: address, histogramBucketOverrides },
            },
          }
        : {}),
    },
  };
}

function oneOf<Value extends string>(
  name: string,
  env: NodeJS.ProcessEnv,
  values: readonly Value[],
  otherwise: Value,
): Value {
  const given = env[name] || otherwise;
  const found = values.find((each) => each === given);
  if (found !== undefined) return found;
  throw problem('InvalidInput', {
    what: `${name} is "${given}".`,
    where: `the variable ${name}`,
    todo: `Set it to one of ${values.join(', ')}, or not at all.`,
  });
}
