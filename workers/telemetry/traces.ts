/**
 * OpenTelemetry, where the environment names a place to send traces to. Its packages are optional: without them, and without
 * OTEL_EXPORTER_OTLP_ENDPOINT, nothing of it is loaded.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientPlugin } from '@temporalio/client';
import type { WorkerPlugin } from '@temporalio/worker';
import type { Traces } from '../../activities/telemetry/traces.js';
import type { FinishedSpan } from '../../config/traces.js';

export interface Tracing extends Traces {
  /** Carries the trace from a client to workflows and activities. */
  plugin: WorkerPlugin & ClientPlugin;
  /** Sends what is not sent yet; a collector that is away is waited for, and is no error. */
  flush(): Promise<void>;
}

/** The packages that tracing needs, at the versions that are tested. */
const tracingPackages = [
  '@temporalio/interceptors-opentelemetry@1.24.0',
  '@opentelemetry/api@1.9.0',
  '@opentelemetry/core@1.30.1',
  '@opentelemetry/resources@1.30.1',
  '@opentelemetry/sdk-trace-node@1.30.1',
  '@opentelemetry/exporter-trace-otlp-http@0.57.2',
] as const;

/** A process that ends waits no longer for a collector that is away. */
const flushMilliseconds = 3000;

function wantsTraces(env: NodeJS.ProcessEnv): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = env;
  return Boolean(traces || all) && env['OTEL_SDK_DISABLED'] !== 'true' && env['OTEL_TRACES_EXPORTER'] !== 'none';
}

let opened: Promise<Tracing | null> | undefined;

/** Tracing of this process, opened once; null where it is not asked for, or not installed, which `warn` is told. */
export function openTracing(
  service: string,
  env: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Promise<Tracing | null> {
  opened ??= wantsTraces(env) ? load(service, env, warn) : Promise.resolve(null);
  return opened;
}

async function load(service: string, env: NodeJS.ProcessEnv, warn: (line: string) => void): Promise<Tracing | null> {
  try {
    return await start(service, env, warn);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    warn(`No traces are sent: OpenTelemetry is not installed. npm install ${tracingPackages.join(' ')}`);
    return null;
  }
}

async function start(service: string, env: NodeJS.ProcessEnv, warn: (line: string) => void): Promise<Tracing> {
  const [otel, { setGlobalErrorHandler }, resources, sdk, { OTLPTraceExporter }, { OpenTelemetryPlugin }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/core'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@temporalio/interceptors-opentelemetry'),
    ]);
  const resource = new resources.Resource({ 'service.name': service }).merge(
    resources.detectResourcesSync({ detectors: [resources.envDetectorSync] }) as InstanceType<
      typeof resources.Resource
    >,
  );
  const spanProcessor = new sdk.BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new sdk.NodeTracerProvider({ resource, spanProcessors: [spanProcessor] });
  provider.register();
  const told = new Set<string>();
  const unsent = (error: unknown) => {
    const line = `Traces can't be sent: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300);
    if (!told.has(line)) warn(line);
    told.add(line);
  };
  setGlobalErrorHandler(unsent);
  const readable = (span: FinishedSpan): Parameters<typeof spanProcessor.onEnd>[0] => ({
    name: span.name,
    kind: otel.SpanKind.INTERNAL,
    spanContext: () => ({ traceId: span.traceId, spanId: span.spanId, traceFlags: otel.TraceFlags.SAMPLED }),
    parentSpanId: span.parentSpanId,
    startTime: timeOf(span.from),
    endTime: timeOf(span.to),
    duration: timeOf(span.to - span.from),
    status:
      span.failure === undefined
        ? { code: otel.SpanStatusCode.UNSET }
        : { code: otel.SpanStatusCode.ERROR, message: span.failure },
    attributes: span.attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationLibrary: { name: 'anneal.trainer' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  });
  return {
    plugin: new OpenTelemetryPlugin({ resource, spanProcessor }),
    current() {
      const place = otel.trace.getSpanContext(otel.context.active());
      return place && otel.isSpanContextValid(place) && place.traceFlags & otel.TraceFlags.SAMPLED
        ? { traceId: place.traceId, spanId: place.spanId }
        : null;
    },
    send: (spans) => {
      for (const span of spans) spanProcessor.onEnd(readable(span));
    },
    environment: () =>
      Object.fromEntries(
        Object.entries(env).filter((entry): entry is [string, string] => entry[0].startsWith('OTEL_') && !!entry[1]),
      ),
    flush: () =>
      Promise.race([provider.forceFlush().catch(unsent), pause(flushMilliseconds, undefined, { ref: false })]),
  };
}

/** OpenTelemetry's pair of seconds and nanoseconds. */
function timeOf(seconds: number): [number, number] {
  const whole = Math.floor(seconds);
  return [whole, Math.round((seconds - whole) * 1e9)];
}
