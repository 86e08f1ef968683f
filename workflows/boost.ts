import type { BoostResult } from '../config/report.js';
import type { BoostRequest } from '../config/task.js';
import { alignPreferences } from './alignPreferences.js';
import { buildDataset } from './buildDataset.js';
import { evaluate } from './evaluate.js';
import { mixGeneric } from './mixGeneric.js';
import { promptFirst } from './promptFirst.js';
import { openRun } from './run/run.js';
import { sanityCheck } from './sanityCheck.js';
import { sweep } from './sweep.js';
import { trainStaged } from './trainStaged.js';

/**
 * The whole recipe: the smallest thing that solves a task, a prompt if that is enough, else a tuned model.
 * Takes one object, BoostInput. Every decision can be overruled while it runs by the update `overrule`.
 */
export async function boost(input?: BoostRequest): Promise<BoostResult> {
  const run = await openRun(input); // freezes recipe, versions, digests
  return run.follow(async () => {
    const data = await run.step(buildDataset, {}); // R4, R7: read, check, split; no model yet
    if (await run.asks(data.decision, 'good')) return run.close('notSolved', data.decision);

    const prompt = await run.step(promptFirst, { data }); // R1, R2
    if (prompt.decision.verdict === 'promptEnough') return run.close('promptEnough', prompt.decision);
    if (await run.asks(prompt.decision, 'notEnough')) return run.close('notSolved', prompt.decision);

    const sanity = await run.step(sanityCheck, { data }); // R8, R9
    if (await run.asks(sanity.decision, 'canRepeat')) return run.close('notSolved', sanity.decision);

    const { learningRate, tuning } = await run.step(sweep, { data }); // R8, R10, R11
    const { ratio, model: from, stages } = await run.step(mixGeneric, { data, learningRate, tuning }); // R12
    const tuned = await run.step(trainStaged, { data, learningRate, tuning, ratio, from, ...stages }); // R14, R15, R16
    const { model } = run.aligns()
      ? await run.step(alignPreferences, { data, model: tuned.model, chosen: tuned.decision, tuning }) // R3
      : tuned;
    const after = await run.step(evaluate, { data, model, genericBefore: prompt.generic, tuning });
    return run.close(after.decision.verdict === 'solved' ? 'tuned' : 'notSolved', after.decision);
  });
}
