import type { AnswerKind } from '../../../config/evaluation.js';
import { type AnswerScore, unreadable } from './answerScore.js';
import { scoreAttributes } from './attributes.js';
import { scoreChoice } from './choice.js';
import { scoreJson } from './json.js';
import { scoreLabel } from './label.js';
import { scoreNumberAnswer } from './number.js';
import { scoreText } from './text.js';
import { endsInThoughts } from './thoughts.js';
import { scoreYesNo } from './yesNo.js';

/**
 * Scores one answer by the task's declared kind (methods M1). `given` null or blank counts as refused. A reply that
 * ended at the token limit is the caller's to mark as cut: only JSON and thoughts without an end show it by themselves.
 */
export function scoreAnswer(kind: AnswerKind, expected: string, given: string | null): AnswerScore {
  if (given !== null && endsInThoughts(given) && !endsInThoughts(expected))
    return unreadable('cut', 'The answer ends inside its thoughts.');
  switch (kind.kind) {
    case 'label':
      return scoreLabel(expected, given, kind);
    case 'text':
      return scoreText(expected, given, kind);
    case 'number':
      return scoreNumberAnswer(expected, given, kind);
    case 'json':
      return scoreJson(expected, given, kind);
    case 'attributes':
      return scoreAttributes(expected, given, kind);
    case 'choice':
      return scoreChoice(expected, given, kind);
    case 'yesNo':
      return scoreYesNo(expected, given, kind);
  }
}
