/**
 * Stand-ins for the workflows `boost` and `retrain`: the same names, query, update and results, without a recipe behind them.
 * What it does is chosen by the setting `standIn`.
 */
import { ApplicationFailure, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Overrule } from '../../config/decisions.js';
import type { RoundProgress, RunProgress } from '../../config/progress.js';
import { answerText } from '../../config/questions.js';
import type { BoostResult } from '../../config/report.js';
import type { Approval } from '../../config/retraining.js';
import type { BoostInput } from '../../config/task.js';
import { approveUpdate, roundProgressQuery } from '../../workflows/retraining/messages.js';
import { overruleUpdate, progressQuery } from '../../workflows/run/messages.js';

export async function boost({ recipe, onQuestion }: BoostInput): Promise<BoostResult> {
  const { workflowId, runId } = workflowInfo();
  const progress: RunProgress = {
    run: `${workflowId}.${runId.slice(0, 8)}`,
    state: 'running',
    verdict: `onQuestion is ${onQuestion}`,
    step: 'promptFirst',
    question: null,
    reportUri: null,
    outcome: null,
    decisions: [],
    budget: null,
  };
  let overruled: Overrule | null = null;
  setHandler(progressQuery, () => progress);
  setHandler(overruleUpdate, async (overrule) => {
    overruled = overrule;
    return `Noted: ${overrule.decision} is ${overrule.verdict}, says ${overrule.by}: ${overrule.why}.`;
  });
  if (recipe['standIn'] === 'refuse') throw refusal();
  if (recipe['standIn'] === 'ask') {
    progress.state = 'waiting';
    const input = { decision: 'promptFirst', verdict: 'promptEnough', by: 'your name', why: 'your reason' };
    progress.question = `promptFirst is cannotTell. More items would settle it. To go on send ${answerText({ update: 'overrule', input })}`;
  }
  if (recipe['standIn'] === 'ask' || recipe['standIn'] === 'go on') await condition(() => overruled !== null);
  const solved = recipe['standIn'] !== 'notSolved' && recipe['standIn'] !== 'unanswered';
  progress.decisions = [{ id: 'promptFirst', verdict: solved ? 'promptEnough' : 'notEnough', reason: '96 of 100.' }];
  return {
    run: progress.run,
    outcome: solved ? 'promptEnough' : 'notSolved',
    verdict: solved ? 'A prompt is enough: 96 of 100.' : 'Not solved: 20 of 100.',
    reportUri: 'file:///report.html',
    modelUri: null,
    waitsForPerson: recipe['standIn'] === 'unanswered',
  };
}

/** A round that asks whether its challenger shall take over. */
export async function retrain(): Promise<string> {
  const { workflowId, runId } = workflowInfo();
  let answer: Approval | null = null;
  const question = `It gains 2.1 points. Shall it take over? Send ${answerText({ update: 'approve', input: { promote: true } })}`;
  const progress = {
    run: `${workflowId}.${runId.slice(0, 8)}`,
    state: 'waiting',
    step: 'approval',
    verdict: 'Asks.',
    question,
  };
  setHandler(roundProgressQuery, () => ({ ...progress, decisions: [] }) as unknown as RoundProgress);
  setHandler(
    approveUpdate,
    (approval) => {
      answer = approval;
      return `${approval.promote ? 'Taken over' : 'Kept'}, says ${approval.by}: ${approval.why}.`;
    },
    {
      validator: ({ why }) => {
        if (why === 'no reason') throw refusal();
      },
    },
  );
  await condition(() => answer !== null);
  return 'over';
}

function refusal(): ApplicationFailure {
  const problem = {
    type: 'DatasetInvalid',
    what: 'Row 3 has no image.',
    where: 'records.jsonl, line 3',
    todo: 'Add it.',
  };
  return ApplicationFailure.create({ type: problem.type, message: 'refused', nonRetryable: true, details: [problem] });
}
