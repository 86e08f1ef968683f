/** `anneal compare`: a small model against a large one, from two finished runs (R17). */
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about =
  'Compare what two models answered on the same test items, and say whether the large one pays: only if it does at the ' +
  'lower bound of its gain, else the small one is taken (R17). Prices are in one currency of yours.';

interface CompareOptions extends JsonOption {
  smallCost?: number;
  largeCost?: number;
  valuePerRightAnswer?: number;
  volume: number;
  trainingCost: number;
  maximumLatency?: number;
  minimumEffect: number;
  itemPrice?: number;
  confidence?: string;
  curves?: string;
  html?: string;
}

export function addCompare(program: Command, run: Runner): void {
  subcommand(
    program,
    'compare',
    { summary: 'say whether a large model pays over a small one', about },
    'anneal compare invoices-4b invoices-72b --small-cost 0.2 --large-cost 3',
  )
    .argument('<small>', 'the run of the small model, by its name, its workflow’s id, or its task’s name')
    .argument('<large>', 'the run of the large one, of the same task and records')
    .option('--small-cost <price>', 'price of a thousand answers of the small model', amount)
    .option('--large-cost <price>', 'price of a thousand answers of the large model', amount)
    .option(
      '--value-per-right-answer <price>',
      'what one right answer more is worth; without it the break-even is told',
      amount,
    )
    .option('--volume <answers>', 'answers that will be asked', amount, 100_000)
    .option('--training-cost <price>', 'price of training the large model over training the small', amount, 0)
    .option('--maximum-latency <milliseconds>', 'p95 of an answer that neither may pass, before money', amount)
    .option('--minimum-effect <share>', 'a difference below this is none', amount, 0.01)
    .option('--item-price <price>', 'price of one more test item, to say how many are worth it', amount)
    .option('--confidence <file>', 'lines {"id", "confidence"} of the small model, for the table of cascades')
    .option(
      '--curves <file>',
      'lines {"model", "n", "correct", "total"}, to say whether twice the data would close the gap',
    )
    .option('--html <file>', 'also write the comparison as a page')
    .action(run(compare));
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Write a number from 0 up, such as 0.25.');
}

async function compare(shell: Shell, small: string, large: string, options: CompareOptions): Promise<number> {
  const { compareRuns } = await import('../compare.js');
  const { comparisonLines, comparisonPage } = await import('../compareTable.js');
  const costs = { small: options.smallCost ?? null, large: options.largeCost ?? null };
  const comparison = await compareRuns(shell, [small, large], {
    smallCost: costs.small,
    largeCost: costs.large,
    value: options.valuePerRightAnswer ?? null,
    volume: options.volume,
    extraTraining: options.trainingCost,
    maximumLatency: options.maximumLatency ?? null,
    minimumEffect: options.minimumEffect,
    itemPrice: options.itemPrice ?? null,
    confidence: options.confidence ?? null,
    curves: options.curves ?? null,
  });
  printResult(shell, Boolean(options.json), comparison, comparisonLines(comparison, costs));
  if (options.html) {
    const { writeWhole } = await import('../../activities/storage/files.js');
    await writeWhole(path.resolve(shell.root, options.html), comparisonPage(comparison, costs));
  }
  return exitCodes.done;
}
