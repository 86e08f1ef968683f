import type { RewriteProgress } from '../../config/progress.js';
import type { RewritePlan } from '../../config/rewriting.js';

/** Markdown for the UI's current details. */
export function rewriteDetails(progress: RewriteProgress, { purpose, endpoint, folder, reviews }: RewritePlan): string {
  const { stage, windows, windowsDone, fates, calls } = progress;
  const counted = Object.entries(fates).filter(([, count]) => count > 0);
  return [
    `### ${purpose} by ${endpoint.model}: ${stage === 'rewrite' ? `window ${windowsDone} of ${windows}` : stage}`,
    ...(counted.length > 0 ? ['| fate | records |', '| --- | --- |'] : []),
    ...counted.map(([fate, count]) => `| ${fate} | ${count} |`),
    ...(calls === null
      ? []
      : [
          '',
          `calls: ${calls.asked} begun, ${calls.answered} answered, ${calls.lost} in flight at a kill, ${calls.reused} answers found`,
        ]),
    '',
    `folder: ${folder}`,
    `decisions: ${reviews}`,
  ].join('\n');
}
