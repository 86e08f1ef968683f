/** What a command speaks through: data for programs on stdout, talk for people on stderr. */
import process from 'node:process';

export interface Shell {
  /** The project folder: where the command was given. `.anneal` lies in it. */
  root: string;
  env: NodeJS.ProcessEnv;
  data(text: string): void;
  talk(line: string): void;
  /** Where stdout is one that can be drawn on. */
  terminal?: NodeJS.WriteStream;
}

export function processShell(): Shell {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', unlessReaderLeft);
  return {
    root: process.cwd(),
    env: process.env,
    data: (text) => process.stdout.write(text),
    talk: (line) => process.stderr.write(`${line}\n`),
    ...(process.stdout.isTTY && process.env['TERM'] !== 'dumb' ? { terminal: process.stdout } : {}),
  };
}

/** `anneal status | head` and a terminal that was closed must not end a supervisor in the middle of its work. */
function unlessReaderLeft(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

/** Prints a command's result: one JSON document with --json, else lines for people. Both go to stdout. */
export function printResult(shell: Shell, json: boolean, result: object, lines: readonly string[]): void {
  shell.data(json ? `${JSON.stringify(result, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''));
}

/** A line with the time before it, for things that happen while one watches. */
export function talkWithTime(shell: Shell): (line: string) => void {
  return (line) => shell.talk(`${new Date().toTimeString().slice(0, 8)}  ${line}`);
}

/** Rows as columns, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((widest, row) => {
    row.forEach((cell, index) => {
      widest[index] = Math.max(widest[index] ?? 0, cell.length);
    });
    return widest;
  }, []);
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
