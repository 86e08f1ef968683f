/** Addresses of a run: in Temporal’s web page, and of its report. */

import type { Reached } from './engineClient.js';
import { runsFolder, shown } from './paths.js';

type Addresses = Pick<Reached, 'ui' | 'reports' | 'namespace'>;

/** The page of a workflow run in Temporal’s UI; null where its address is not known. */
export function workflowLink({ ui, namespace }: Addresses, workflowId: string, runId: string): string | null {
  if (ui === null) return null;
  return `${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
}

/** The report of a run: served where an engine runs, else its file. */
export function reportLink({ reports }: Pick<Addresses, 'reports'>, root: string, run: string): string {
  return reports === null
    ? shown(`${runsFolder(root)}/${run}/report.html`)
    : `${reports}/runs/${encodeURIComponent(run)}/`;
}
