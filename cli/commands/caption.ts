/** `anneal caption`: captions of pictures by a model behind an endpoint, and one dataset of them. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CaptionPreview } from '../../activities/captions/preview.js';
import type { CaptionInput } from '../../config/captioning.js';
import { exitCodes } from '../../config/problems.js';
import { columns, printResult, type Shell } from '../shell.js';
import { type JsonOption, parseSetting, type Runner, subcommand } from './shared.js';

const about =
  'Let a model caption pictures, by the million, and make one dataset of the captions that pass. Needs an engine. ' +
  'Every answer is kept by content: the same command again, after whatever happened, asks only for what is missing. ' +
  'With the name of a captioning that goes on it is found, not doubled.';

interface CaptionOptions extends JsonOption {
  endpoint?: string;
  model?: string;
  key?: string;
  prompt?: string[];
  limit?: number;
  name?: string;
  licence?: string;
  set?: Record<string, unknown>;
  wait?: boolean;
  dryRun?: boolean;
}

export function addCaption(program: Command, runner: Runner): void {
  subcommand(
    program,
    'caption',
    { summary: 'caption pictures by a model, into a dataset', about },
    'anneal caption photos --endpoint http://127.0.0.1:8000/v1 --model Qwen/Qwen3-VL-8B-Instruct --wait',
  )
    .argument('<images...>', 'folders, globs in quotes, files with a path a line, or dataset folders')
    .option('--endpoint <url>', 'OpenAI-compatible endpoint, up to and without /chat/completions')
    .option('--model <name>', 'the model’s name there; without an endpoint "tiny" or the folder of a model to serve')
    .option('--key <variable>', 'environment variable of the workers that holds the endpoint’s key')
    .option('--prompt <text>', 'what is asked; may be repeated, each picture then gets one of them', collect)
    .option('--limit <n>', 'only so many pictures; a larger limit later keeps these', parseCount)
    .option('--name <name>', 'short name, of the dataset too (default: captions)')
    .option('--licence <text>', 'noted with every caption')
    .option('--set <path=value>', 'any key of the input, such as concurrency=64; may be repeated', parseSetting)
    .option('--wait', 'follow the captioning to its end')
    .option('--dry-run', 'say how many pictures, windows and tokens, and what is answered; asks nothing')
    .action(runner(caption));
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

async function caption(shell: Shell, images: string[], options: CaptionOptions): Promise<number> {
  const { captionInput, previewFrom, startCaptioning, watchCaptioning } = await import('../captions.js');
  const json = Boolean(options.json);
  const given = givenInput(images, options);
  const input = captionInput(given); // What is wrong is said before anything else.
  if (options.dryRun) {
    const preview = await previewFrom(shell, input);
    printResult(shell, json, preview, previewLines(preview, input));
    return exitCodes.done;
  }
  const { withEngine } = await import('../engineClient.js');
  return withEngine(shell, async (engine) => {
    const started = await startCaptioning(engine, given, input);
    const { run, workflowId, link } = started;
    shell.talk(`Captioning ${run}`);
    if (link !== null) shell.talk(`  watch    ${link}`);
    if (options.wait) return watchCaptioning(shell, engine, started, json);
    printResult(shell, json, { run, workflowId, link }, [run]);
    return exitCodes.done;
  });
}

/** Without an endpoint the model is one of ours to serve. */
function givenInput(images: string[], options: CaptionOptions): Record<string, unknown> {
  const { endpoint, model, key, prompt, limit, name, licence, set } = options;
  const asked = endpoint === undefined ? { model } : { endpoint: { baseUrl: endpoint, model, apiKeyVariable: key } };
  const all = { images, ...asked, prompts: prompt, limit, name, licence, ...set };
  return JSON.parse(JSON.stringify(all)) as Record<string, unknown>; // options that were not given have no key
}

function previewLines(preview: CaptionPreview, input: CaptionInput): string[] {
  const { pictures, different, windows, answered, toAsk, imageTokens, completionTokensAtMost } = preview;
  const tokens = imageTokens
    ? `${imageTokens.median} in the middle, ${imageTokens.largest} at most (${imageTokens.sample} pictures, formula of Qwen3-VL)`
    : 'not known: no picture of the sample can be read';
  return [
    ...columns([
      ['Pictures', `${pictures} found, ${different} different ones to caption`],
      ['Windows', `${windows} of ${input.windowSize} pictures`],
      ['Answered', `${answered} already; these are not asked again`],
      ['To ask', `${toAsk}, ${input.concurrency} at once`],
      ['Tokens', `a picture: ${tokens}`],
      ['', `answers: ${completionTokensAtMost} at most`],
    ]),
    'Nothing was asked.',
  ];
}
