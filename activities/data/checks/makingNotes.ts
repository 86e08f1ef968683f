/** What a person should know of the records that were made of others. */
import type { FineSet } from '../build/fineSet.js';
import type { Made } from '../build/makeRecords.js';
import { counted } from '../faults.js';

const listed = 5;

export function makingNotes(made: Made | null, fine: FineSet | null): string[] {
  const notes: string[] = [];
  const of = listOf(made?.made);
  if (of) notes.push(`Made of the records besides (R7): ${of}.`);
  const not = listOf(made?.notMade);
  if (not) notes.push(`Not made: ${not}.`);
  if (made?.choices && made.choices.verdict !== 'guessable') notes.push(`Multiple choice: ${made.choices.reason}`);
  if (fine) notes.push(`Fine stage (R15): ${fine.decision.reason}`);
  return notes;
}

/** Choices that can be told without the picture would teach not to look. */
export function guessQuestions(made: Made | null): string[] {
  const { choices = null } = made ?? {};
  if (choices?.verdict !== 'guessable') return [];
  return [
    `Multiple choice: ${choices.reason} Leave the format out, or give its options another source. Go on with it?`,
  ];
}

/** The commonest first. */
function listOf(counts: Record<string, number> = {}): string {
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  const shown = sorted.slice(0, listed).map(([what, count]) => `${count} x ${what}`);
  return shown.length < sorted.length
    ? `${shown.join(', ')} and ${counted(sorted.length - shown.length, 'more kind')}`
    : shown.join(', ');
}
