/** `anneal data rewrite`: has a model propose changes of answers, for a person to review. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCodes, problem } from '../../../config/problems.js';
import {
  exampleRewriteInput,
  RewriteInput,
  type RewritePurpose,
  type RewriteResult,
  rewritePurposes,
  Style,
} from '../../../config/rewriting.js';
import { describeIssues, pathText } from '../../../config/suggest.js';
import { printResult, type Shell, talkWithTime } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const about =
  'Ask a model for another form, another style, corrections, or answers for pictures that have none. It makes ' +
  'proposals, and nothing else: a person reviews them, `anneal data review` takes the decisions, and the next build ' +
  'heeds them. Interrupted it goes on where it was; no answer that was received is paid twice.';

interface RewriteOptions extends JsonOption {
  purpose: RewritePurpose;
  dataset?: string;
  endpoint?: string;
  model?: string;
  apiKeyVariable?: string;
  style?: string;
  styleFile?: string;
  entailment?: boolean;
  pictures?: boolean;
  runs?: number;
  temperature?: number;
  concurrency?: number;
  window?: number;
  limit?: number;
  acceptLossless?: boolean;
  wait?: boolean;
}

export function addRewrite(data: Command, run: Runner): void {
  const command = subcommand(
    data,
    'rewrite',
    { summary: 'have a model propose changes of answers', about },
    'anneal data rewrite examples/digits --purpose correct --endpoint http://127.0.0.1:8000/v1 --model m',
  )
    .argument('<task>', 'folder with a task.json')
    .addOption(new Option('--purpose <purpose>', 'what is proposed').choices(rewritePurposes).makeOptionMandatory(true))
    .option('--dataset <folder>', 'a dataset that is built already (default: built first)')
    .option('--endpoint <url>', 'base URL, up to and without /chat/completions (default: the task’s endpoint)')
    .option('--model <name>', 'the model’s name there')
    .option('--api-key-variable <name>', 'environment variable of the workers that holds the key')
    .option('--style <text>', 'the target style in words')
    .option('--style-file <file>', 'JSON with the style: {"text": "…", "examples": [{"before": "…", "after": "…"}]}')
    .option('--entailment', 'ask in two more calls whether a rewrite says the same')
    .option('--pictures', 'show the pictures for format and style too');
  addNumbers(command)
    .option('--accept-lossless', 'apply fixes of format that the answer kind proves, without a person')
    .option('--wait', 'follow it to its end')
    .action(run(rewrite));
}

function addNumbers(command: Command): Command {
  const whole = (text: string) => numberOf(text, true);
  return command
    .option('--runs <n>', 'answers to each question for correct and answer (default: 3)', whole)
    .option('--temperature <t>', 'how freely answers are drawn', (text) => numberOf(text, false))
    .option('--concurrency <n>', 'calls at once (default: 8)', whole)
    .option('--window <n>', 'records that one activity handles (default: 500)', whole)
    .option('--limit <n>', 'only so many records', whole);
}

function numberOf(text: string, whole: boolean): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0 && (!whole || Number.isInteger(number)))
    return number;
  throw new InvalidArgumentError(whole ? 'Write a whole number.' : 'Write a number, such as 0.7.');
}

async function rewrite(shell: Shell, task: string, options: RewriteOptions): Promise<number> {
  const { withEngine } = await import('../../engineClient.js');
  const { findTask } = await import('../../runs.js');
  const { followRewrite, startRewrite } = await import('../../rewrites.js');
  const { workflowLink } = await import('../../links.js');
  const found = await findTask(task, shell.root); // A task that can't be read is said before anything else.
  const input = await inputOf(shell, path.relative(shell.root, found.file) || found.file, options);
  return withEngine(shell, async (engine) => {
    const handle = await startRewrite(engine.client, input, found.task.name);
    const { workflowId, runId } = await handle.describe();
    const link = workflowLink(engine, workflowId, runId);
    shell.talk(`Rewriting ${workflowId}.${runId.slice(0, 8)}`);
    if (link !== null) shell.talk(`  watch    ${link}`);
    if (!options.wait) {
      printResult(shell, Boolean(options.json), { workflowId, runId, link }, [workflowId]);
      return exitCodes.done;
    }
    await followRewrite(handle, talkWithTime(shell));
    const result = await handle.result();
    printResult(shell, Boolean(options.json), result, linesOf(result));
    return exitCodes.done;
  });
}

async function inputOf(shell: Shell, task: string, options: RewriteOptions): Promise<RewriteInput> {
  const { purpose, dataset, endpoint, model, apiKeyVariable, temperature } = options;
  const style = await styleOf(shell, options);
  const given = {
    task,
    purpose,
    ...(dataset === undefined ? {} : { dataset }),
    ...(endpoint === undefined && model === undefined
      ? {}
      : { endpoint: { baseUrl: endpoint, model, apiKeyVariable } }),
    ...(style === null ? {} : { style }),
    ...(temperature === undefined ? {} : { decoding: { temperature } }),
    entailment: options.entailment,
    pictures: options.pictures,
    runs: options.runs,
    concurrency: options.concurrency,
    windowRecords: options.window,
    limit: options.limit,
    acceptLossless: options.acceptLossless,
  };
  const parsed = RewriteInput.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = describeIssues(RewriteInput, parsed.error).map(({ path: at, says }) => `${pathText(at)}: ${says}`);
  throw problem('InvalidInput', {
    what: faults.slice(0, 8).join('\n'),
    where: 'the command line',
    todo: `Correct these options; the input is ${JSON.stringify(exampleRewriteInput)}.`,
  });
}

async function styleOf({ root }: Shell, { style, styleFile }: RewriteOptions): Promise<Style | null> {
  if (styleFile === undefined) return style === undefined ? null : { text: style, examples: [] };
  const file = path.resolve(root, styleFile);
  try {
    const read = Style.parse(JSON.parse(await readFile(file, 'utf8')));
    return style === undefined ? read : { ...read, text: style };
  } catch (error) {
    throw problem(
      'InvalidInput',
      {
        what: `The style can't be read: ${(error as Error).message.slice(0, 300)}`,
        where: file,
        todo: 'Write {"text": "…", "examples": [{"before": "…", "after": "…"}]}.',
      },
      { cause: error },
    );
  }
}

function linesOf({ run, review, counts: { read, notConcerned, fates, calls } }: RewriteResult): string[] {
  const told = Object.entries(fates).filter(([, count]) => count > 0);
  return [
    run,
    `  ${read} records read, ${read - notConcerned} concerned: ${told.map(([fate, count]) => `${count} ${fate}`).join(', ') || 'none'}`,
    `  ${calls.answered - calls.reused} answers paid, ${calls.reused} found; ${calls.unanswered} calls without an answer, ${calls.lost} in flight at a kill`,
    `  review   ${review}`,
  ];
}
