/** A worker of its own process, to be killed: runs one evaluation from its JSON argument. */
import { createVlmActivities } from '../../../activities/vlm/index.js';
import { depsOf } from './builders.js';

await createVlmActivities(depsOf()).evaluateOverEndpoint(JSON.parse(process.argv[2] ?? ''));
