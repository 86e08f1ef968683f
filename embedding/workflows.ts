/** `anneal-vlm/workflows`: to be exported from a platform's own workflows file, and to type its child workflows. */

export type { RunProgress } from '../config/progress.js';
export * from '../workflows/index.js';
export { annealService } from '../workflows/nexusService.js';
export { decisionsQuery, overruleUpdate, progressQuery } from '../workflows/run/messages.js';
