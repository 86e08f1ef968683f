/** The figures of all runs, for people. */
import { columns } from '../../cli/shell.js';
import type { Outcome } from './scenario.js';
import { attemptsOf, stepsAgain } from './trainings.js';

/** A line for each run: time, time lost, steps trained again, attempts and model servers. */
export function table(outcomes: ReadonlyMap<string, Outcome>, undisturbed: number): string[] {
  const head = ['run', 'seconds', 'lost', 'steps again', 'attempts', 'servers', 'outcome'];
  const rows = [...outcomes].map(([name, { seconds, trainings, servers, result }]) => [
    name,
    seconds.toFixed(0),
    (seconds - undisturbed).toFixed(0),
    String(trainings.reduce((sum, training) => sum + stepsAgain(training), 0)),
    trainings.map((training) => attemptsOf(training).length).join('+'),
    servers.join('+'),
    result.outcome,
  ]);
  return columns([head, ...rows]);
}
