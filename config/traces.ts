/** Spans as Anneal makes them itself, of what trainers say; how they are sent is no matter of theirs. */

/** W3C Trace Context: where a span stands. */
export interface SpanPlace {
  traceId: string;
  spanId: string;
}

export interface FinishedSpan extends SpanPlace {
  name: string;
  parentSpanId: string;
  /** Seconds since 1970. */
  from: number;
  to: number;
  attributes: Record<string, string | number>;
  /** What failed, in a sentence. */
  failure?: string;
}

/** As HTTP headers and the variable TRACEPARENT carry it; null where it is none. */
export function placeOf(traceparent: string): SpanPlace | null {
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(traceparent) ?? [];
  return traceId !== undefined && spanId !== undefined ? { traceId, spanId } : null;
}

export function traceparentOf({ traceId, spanId }: SpanPlace): string {
  return `00-${traceId}-${spanId}-01`;
}
