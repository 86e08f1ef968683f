/** `anneal doctor`: what is missing or wrong on this machine, and the command that mends it. */
import type { Command } from 'commander';
import { printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about =
  'Check this machine: what Anneal needs, what is there and, for what is missing, the command that mends ' + 'it.';

export function addDoctor(program: Command, run: Runner): void {
  subcommand(program, 'doctor', { summary: 'check this machine', about }, 'anneal doctor').action(run(doctor));
}

async function doctor(shell: Shell, { json }: JsonOption): Promise<number> {
  const { diagnose, printDoctor } = await import('../doctor.js');
  const checks = await diagnose(shell.root);
  const lines: string[] = [];
  const exitCode = printDoctor(checks, (line) => lines.push(line));
  printResult(shell, Boolean(json), { checks }, lines);
  return exitCode;
}
