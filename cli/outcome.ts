/** What a run's ending means for a person and for the shell: the sentence, the addresses, the exit code. */
import { exitCodes } from '../config/problems.js';
import type { BoostResult } from '../config/report.js';
import { explain, printable } from './errors.js';
import type { Ending } from './follow.js';

export interface Outcome {
  exitCode: number;
  /** For --json. */
  facts: Record<string, unknown>;
  lines: string[];
}

export interface RunPlace {
  run: string;
  workflowId: string;
  runId: string;
  /** null where none was rendered: a run that failed before its recipe was resolved. */
  report: string | null;
}

function reportLines({ report }: RunPlace): string[] {
  return report === null ? [] : [`Report: ${report}`];
}

export function outcomeOf(ending: Ending<BoostResult>, place: RunPlace): Outcome {
  if (ending.kind === 'result') return closed(ending.result, place);
  if (ending.kind === 'waits') {
    const { question } = ending.progress;
    return {
      exitCode: exitCodes.waitsForPerson,
      facts: { ...place, state: 'waiting', question },
      lines: ['The run waits for a person.', question ?? '', ...reportLines(place)],
    };
  }
  const explained = explain(ending.error);
  const cancelled = explained.exitCode === exitCodes.cancelled;
  return {
    exitCode: explained.exitCode,
    facts: { ...place, state: cancelled ? 'cancelled' : 'failed', error: explained.problem },
    lines: [printable(ending.error, explained, false), ...reportLines(place)],
  };
}

function closed(result: BoostResult, place: RunPlace): Outcome {
  const solved = result.outcome !== 'notSolved';
  return {
    exitCode: solved ? exitCodes.done : result.waitsForPerson ? exitCodes.waitsForPerson : exitCodes.notSolved,
    facts: { ...place, state: solved ? 'done' : 'notSolved', ...result, report: place.report },
    lines: [
      result.verdict,
      ...(result.modelUri === null || result.outcome !== 'tuned' ? [] : [`Model:  ${result.modelUri}`]),
      ...reportLines(place),
    ],
  };
}
