/** All workflows that the recipe worker registers. Their names are our public API. */
export { alignPreferences } from './alignPreferences.js';
export { boost } from './boost.js';
export { buildDataset } from './buildDataset.js';
export { captionImages } from './captionImages.js';
export { evaluate } from './evaluate.js';
export { mixGeneric } from './mixGeneric.js';
export { promptFirst } from './promptFirst.js';
export { retrain } from './retrain.js';
export { rewriteRecords } from './rewriteRecords.js';
export { sanityCheck } from './sanityCheck.js';
export { sweep } from './sweep.js';
export { trainRun } from './trainRun.js';
export { trainStaged } from './trainStaged.js';
