/** Cleaning and rewriting answers through a model (R5): proposals for a person. Nothing that a person wrote is overwritten. */
import type { RewritePlan, RewriteResult } from '../../config/rewriting.js';
import type { VlmDeps } from '../vlm/deps.js';
import { type FinishInput, finishRewrite } from './finish.js';
import { cutParts, type Parts } from './parts.js';
import { rewriteWindow, type WindowCounts, type WindowInput } from './window.js';

export function createRewritingActivities(deps: VlmDeps) {
  const beat = (done: number, total: number) => deps.heartbeat({ done, total, waiting: 0, rate: 0 });
  const beats = () => {
    deps.signal().throwIfAborted();
    beat(0, 0);
  };
  return {
    /** Cuts the concerned records of a dataset folder into windows. Throws DatasetInvalid, InvalidInput. */
    cutRewriteParts: ({ plan, dataset }: { plan: RewritePlan; dataset: string }): Promise<Parts> =>
      cutParts(plan, dataset, atTimes(beats)),
    /** Asks for the records of one window, and makes proposals of what comes. Done again, it asks only for the rest. */
    rewriteWindow: (input: WindowInput): Promise<WindowCounts> => rewriteWindow(deps, input),
    /** Writes changes.jsonl, ledger.jsonl and the files for the review. */
    finishRewrite: (input: FinishInput): Promise<RewriteResult> => finishRewrite(input, beats),
  };
}
export type RewritingActivities = ReturnType<typeof createRewritingActivities>;

/** At most every second: records come by the thousand. */
function atTimes(beat: () => void): () => void {
  let last = 0;
  return () => {
    if (Date.now() - last < 1000) return;
    last = Date.now();
    beat();
  };
}
