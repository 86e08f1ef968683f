/** What a person says to a run that goes on: an update of its workflow, which the run takes or refuses with its reason. */
import type { ExtendBudget, StopTraining } from '../config/budget.js';
import type { Overrule } from '../config/decisions.js';
import type { Approval } from '../config/retraining.js';
import { withEngine } from './engineClient.js';
import { findOpenRun, runName } from './runs.js';
import type { Shell } from './shell.js';

interface Inputs {
  overrule: Overrule;
  extendBudget: ExtendBudget;
  stop: StopTraining;
  approve: Approval;
}

/** The workflows that take each. */
const takers: Record<keyof Inputs, readonly string[]> = {
  overrule: ['boost', 'retrain'],
  extendBudget: ['boost'],
  stop: ['boost'],
  approve: ['retrain'],
};

export interface Update<Name extends keyof Inputs = keyof Inputs> {
  name: Name;
  input: Inputs[Name];
}

/** Throws InvalidInput where no such run is open, and where the run refuses the update, with what it says. */
export function sendUpdate<Name extends keyof Inputs>(
  shell: Shell,
  wanted: string,
  { name, input }: Update<Name>,
): Promise<{ run: string; answer: string }> {
  return withEngine(shell, async ({ client }) => {
    const found = await findOpenRun(client, shell.root, wanted, { types: takers[name], what: `update ${name}` });
    const handle = client.workflow.getHandle(found.workflowId, found.runId);
    const answer = await handle.executeUpdate<string, [Inputs[Name]]>(name, { args: [input] });
    return { run: runName(found), answer };
  });
}
