/** A worker of its own process, to be killed: does one rewriting from its JSON argument. */
import { rewriteDataset } from './builders.js';

const { plan, dataset } = JSON.parse(process.argv[2] ?? '');
await rewriteDataset(plan, dataset);
