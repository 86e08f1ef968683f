/** Calls to OpenAI-compatible endpoints. */
import type { Evaluation } from '../../config/evaluation.js';
import type { VlmDeps } from './deps.js';
import { type EvaluateInput, evaluateOverEndpoint } from './evaluate.js';
import { probeEndpoint } from './probe.js';

export function createVlmActivities(deps: VlmDeps) {
  return {
    /** Scores of a set of records through an endpoint, each answer kept as it comes. */
    evaluateOverEndpoint: (input: EvaluateInput): Promise<Evaluation> => evaluateOverEndpoint(deps, input),
    /** Throws where the endpoint refuses (a person must act) or does not answer (Temporal tries again). */
    probeEndpoint: (input: Parameters<typeof probeEndpoint>[1]): Promise<void> => probeEndpoint(deps, input),
  };
}
export type VlmActivities = ReturnType<typeof createVlmActivities>;
