/** The command that answers what a run asks. */
import { readQuestion } from '../config/questions.js';

export interface Asked {
  /** The question, without how to answer it. */
  text: string;
  /** A command line that lacks a reason still; null where no command answers. */
  answer: string | null;
  /** The same as a person reads it, with what else may be said. */
  lines: string[];
}

type Input = Record<string, unknown>;

/** By the update that lets the run go on. */
const commands: Record<string, { line: (run: string, input: Input) => string; instead: string }> = {
  overrule: {
    line: (run, { decision, verdict }) => `anneal overrule ${run} ${decision} ${quoted(String(verdict))}`,
    instead: 'or another verdict',
  },
  extendBudget: { line: (run, input) => `anneal budget ${run} ${totals(input)}`, instead: 'or --stop: train no more' },
  approve: { line: (run) => `anneal approve ${run}`, instead: 'with --refuse the champion stays' },
};

/** `run` is its name, or the workflow id; the command names the latter, which a reset leaves as it is. */
export function askedBy(question: string, run: string): Asked {
  const { text, answers } = readQuestion(question);
  const [first] = answers;
  const command = first && commands[first.update];
  if (!command) return { text, answer: null, lines: [] };
  const workflowId = run.replace(/\.[0-9a-f]{8}$/, '');
  const answer = `${command.line(quoted(workflowId), first.input)} --why "<reason>"`;
  return { text, answer, lines: [`${answer}  (${command.instead})`] };
}

const caps = { money: '--money', trainerHours: '--trainer-hours', wallClock: '--wall-clock' } as const;

function totals(input: Input): string {
  const named = Object.entries(caps).filter(([name]) => input[name] !== undefined);
  return named.map(([name, option]) => `${option} ${input[name]}`).join(' ');
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
