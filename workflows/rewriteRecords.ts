import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { RewriteProgress } from '../config/progress.js';
import { exampleRewriteInput, type RewriteCounts, RewriteInput, type RewriteResult } from '../config/rewriting.js';
import { parseInput, rethrowRoot } from './failures.js';
import { data, quick, vlm } from './proxies.js';
import { rewriteDetails } from './rewriting/details.js';
import { rewriteProgressQuery } from './rewriting/messages.js';
import { ownRunName } from './run/runName.js';

/**
 * Proposes changes of answers through a model (R5): another form, the target style, corrections, answers for pictures
 * that have none. Takes one object, RewriteInput. Changes nothing: a person reviews, and the next build heeds it.
 */
export async function rewriteRecords(input?: RewriteInput): Promise<RewriteResult> {
  const progress: RewriteProgress = {
    run: ownRunName(),
    stage: 'plan',
    windows: 0,
    windowsDone: 0,
    fates: {},
    calls: null,
  };
  setHandler(rewriteProgressQuery, () => progress, { description: 'How far the rewriting is; takes nothing.' });
  try {
    return await rewrite(parseInput(RewriteInput, input, exampleRewriteInput), progress);
  } catch (error) {
    return rethrowRoot(error);
  }
}

async function rewrite(input: RewriteInput, progress: RewriteProgress): Promise<RewriteResult> {
  const { plan, build, dataset: named } = await quick.planRewrite({ input, run: progress.run });
  const tell = (change: Partial<RewriteProgress>) => {
    Object.assign(progress, change);
    setCurrentDetails(rewriteDetails(progress, plan));
  };
  tell({ stage: 'build' });
  const dataset = named ?? (build ? (await data.buildDatasetFolder(build)).uri : '');
  tell({ stage: 'probe' });
  await vlm.probeEndpoint({ endpoint: plan.endpoint, images: plan.pictures ? 1 : 0 });
  const { windows, ...parts } = await vlm.cutRewriteParts({ plan, dataset });
  tell({ stage: 'rewrite', windows: windows.length });
  for (const [index, window] of windows.entries()) {
    const { fates, calls } = await vlm.rewriteWindow({ plan, dataset, index, window });
    tell({ windowsDone: index + 1, fates: added(progress.fates, fates), calls: addedCalls(progress.calls, calls) });
  }
  tell({ stage: 'finish' });
  const result = await vlm.finishRewrite({ plan, dataset, parts: { ...parts, windows: windows.length } });
  tell({ stage: 'done' });
  return result;
}

type Fates = Partial<RewriteCounts['fates']>;

function added(sum: Fates, more: Fates): Fates {
  const names = Object.keys({ ...sum, ...more }) as (keyof Fates)[];
  return Object.fromEntries(names.map((name) => [name, (sum[name] ?? 0) + (more[name] ?? 0)]));
}

function addedCalls(sum: RewriteCounts['calls'] | null, more: RewriteCounts['calls']): RewriteCounts['calls'] {
  if (sum === null) return more;
  const names = Object.keys(more) as (keyof RewriteCounts['calls'])[];
  return Object.fromEntries(names.map((name) => [name, sum[name] + more[name]])) as RewriteCounts['calls'];
}
