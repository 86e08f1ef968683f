import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Decision, Overrule, RecordedDecision } from '../../config/decisions.js';
import { decidedSignal } from './messages.js';

/** The record of a decision; the last overruling of its id holds. Shared by steps, trainings and the run itself. */
export function record(
  step: string,
  id: string,
  rules: string[],
  decision: Decision<string>,
  overrules: readonly Overrule[],
): RecordedDecision {
  const overrule = overrules.findLast((each) => each.decision === id);
  const { verdict, reason, evidence, settles } = decision;
  return {
    id,
    step,
    rules,
    verdict: overrule?.verdict ?? verdict,
    reason: overrule ? `${overrule.by} overruled "${verdict}": ${overrule.why}. (${reason})` : reason,
    evidence,
    settles: settles ?? null,
    overruled: overrule ? { verdict, by: overrule.by, why: overrule.why } : null,
    at: new Date().toISOString(),
  };
}

/** Tells the run of a decision. */
export async function tellRun(reportTo: string | null, decision: RecordedDecision): Promise<void> {
  if (reportTo) await getExternalWorkflowHandle(reportTo).signal(decidedSignal, decision);
}
