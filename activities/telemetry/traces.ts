/** What activities know of traces; where there are none, they have no such thing. */
import type { FinishedSpan, SpanPlace } from '../../config/traces.js';

export interface Traces {
  /** The span of the activity that runs; null where it is not sampled. */
  current(): SpanPlace | null;
  send(spans: readonly FinishedSpan[]): void;
  /** For processes of ours that make spans themselves: where to send them. */
  environment(): Record<string, string>;
}
