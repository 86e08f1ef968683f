import type { Decision } from '../../../config/decisions.js';

/** Why a training set is not repeated (R9, methods M5), and what a person does about it. */
export const causes = {
  'data:conflicts':
    'Settle which answers are right (data show lists the records), or tell the cases apart by the question.',
  'data:wrongImage': 'Check how pictures and answers were joined; the records named are where to begin.',
  'data:unreadable': 'Get these pictures in a higher resolution, or leave the records out.',
  'data:truncatedAnswers': 'Export the answers whole: look for a limit of length in the source.',
  'data:imageNotNeeded': 'Ask questions that need the picture, or solve the task without one.',
  'framework:lossMask':
    'Correct the chat template or the length limit: exactly the answer and its end token carry loss.',
  'framework:template': 'Serve with the template that was trained with, down to the marks before the answer.',
  'framework:imageTokens': 'Raise the length limit, or lower the pixels of a picture (data.maximumTokens).',
  'framework:weights': 'Fetch the model again, or a version of the library that knows its tensors.',
  'framework:frozen': 'Train these parts, or name the layers that exist: the trainer’s log lists them.',
  'framework:learningRate': 'Set training.learningRate to the rate that worked.',
  'framework:optimisation': 'Try training.method, precision and a smaller batch; with NaN look at the first bad step.',
  'framework:serving': 'Compare the served folder with the checkpoint: adapter, template, picture sizes, end token.',
  moreEpochs: 'Raise sanity.epochs by half and run again.',
} as const;

export type Cause = keyof typeof causes;

/** The decision of a named cause; `records` are ids that prove it, at most 20. */
export function named<Name extends Cause>(
  verdict: Name,
  reason: string,
  evidence: Decision<Name>['evidence'],
  records: readonly string[] = [],
): Decision<Name> {
  const proof = records.length > 0 ? { records: records.slice(0, 20).join(', ') } : {};
  return { verdict, reason: `${reason} ${causes[verdict]}`, evidence: { ...evidence, ...proof } };
}
