/** A process of its own that submits what it is told to, for the tests of two at once. */
import type { SubmitInput } from '../../../activities/training/submit.js';
import { submitTraining } from '../../../activities/training/submit.js';
import { depsOf } from './standIn.js';

const { deps } = depsOf();

process.on('message', async ({ input, at }: { input: SubmitInput; at: number }) => {
  while (Date.now() < at); // both begin in the same moment
  const answer = await submitTraining(deps, input).then(
    (handle) => ({ handle }),
    (error: unknown) => ({ error: String(error) }),
  );
  process.send?.(answer);
});
process.send?.('ready');
