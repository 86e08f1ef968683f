/** `anneal-vlm/workflows`: to be exported from a platform's own workflows file, and to type its child workflows. */
export * from '../workflows/index.js';
export { annealService } from '../workflows/nexusService.js';
export { decisionsQuery, overruleUpdate, progressQuery, type RunProgress } from '../workflows/run/messages.js';
