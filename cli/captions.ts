/** Captionings as the command line starts, previews and ends them. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { type CaptionPreview, previewCaptions } from '../activities/captions/preview.js';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { CaptionInput, type CaptionResult, exampleCaptionInput } from '../config/captioning.js';
import { exitCodes, problem } from '../config/problems.js';
import { taskQueues } from '../config/queues.js';
import { describeIssues, pathText } from '../config/suggest.js';
import type { captionImages } from '../workflows/index.js';
import type { Reached } from './engineClient.js';
import { explain, printable } from './errors.js';
import { type Ending, follow } from './follow.js';
import { workflowLink } from './links.js';
import { runName } from './runs.js';
import { printResult, type Shell, talkWithTime } from './shell.js';
import { mayComeBack } from './watch.js';

export interface CaptionStart {
  handle: WorkflowHandle<typeof captionImages>;
  run: string;
  workflowId: string;
  link: string | null;
}

/** Throws InvalidInput with every fault of what the command line gave. */
export function captionInput(given: Record<string, unknown>): CaptionInput {
  const parsed = CaptionInput.safeParse(given);
  if (parsed.success) return parsed.data;
  throw problem('InvalidInput', {
    what: describeIssues(CaptionInput, parsed.error)
      .map(({ path: at, says }) => `${pathText(at)}: ${says}`)
      .slice(0, 8)
      .join('\n'),
    where: 'the command line',
    todo: `Such as: anneal caption ${exampleCaptionInput.images} --endpoint http://127.0.0.1:8000/v1 --model <name>`,
  });
}

/** Starts the captioning, or finds the one of its name that goes on: one of a name at a time. */
export async function startCaptioning(
  { client, ...engine }: Reached,
  given: Record<string, unknown>,
  input: CaptionInput,
): Promise<CaptionStart> {
  const workflowId = `caption-${input.name}`;
  const started = await client.workflow.start<typeof captionImages>('captionImages', {
    args: [given as CaptionInput],
    taskQueue: taskQueues.recipe,
    workflowId,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `caption ${[input.images].flat().join(', ')}`.slice(0, 200),
  });
  const { firstExecutionRunId } = started;
  const handle = client.workflow.getHandle<typeof captionImages>(workflowId, undefined, { firstExecutionRunId });
  const link = workflowLink(engine, workflowId, firstExecutionRunId);
  return { handle, run: runName({ workflowId, runId: firstExecutionRunId }), workflowId, link };
}

/** Follows it to its end, prints what it came to, and returns the exit code. */
export async function watchCaptioning(
  shell: Shell,
  engine: Reached,
  { handle, run }: CaptionStart,
  json: boolean,
): Promise<number> {
  const quit = new AbortController().signal; // Ctrl-C ends this command alone; the captioning goes on.
  const options = { say: talkWithTime(shell), quit, leaveAtQuestion: false };
  const ending = await follow(engine, handle, { ...options, mayComeBack: () => mayComeBack(shell, engine) });
  return told(shell, ending, run, json);
}

function told(shell: Shell, ending: Ending<CaptionResult> | null, run: string, json: boolean): number {
  if (ending?.kind === 'result') {
    printResult(shell, json, ending.result, resultLines(ending.result));
    return exitCodes.done;
  }
  const error = ending?.kind === 'failure' ? ending.error : new Error('The command was left.');
  const explained = explain(error);
  printResult(shell, json, { run, error: explained.problem, exitCode: explained.exitCode }, [
    printable(error, explained, false),
  ]);
  return explained.exitCode;
}

function resultLines({ verdict, calls, dataset, folderUri }: CaptionResult): string[] {
  const { received, reused, interrupted, promptTokens, completionTokens } = calls;
  return [
    verdict,
    `Answers:  ${received} received, ${reused} were there before, ${interrupted} calls interrupted`,
    `Tokens:   ${promptTokens} asked, ${completionTokens} answered`,
    ...(dataset ? [`Dataset:  ${dataset.uri}`] : []),
    `Captions: ${folderUri}/captions.jsonl, and why others have none: ledger.jsonl beside it`,
  ];
}

/** What a captioning would ask, from the pictures and the answers that are there. Asks nothing, keeps nothing. */
export async function previewFrom({ root }: Shell, input: CaptionInput): Promise<CaptionPreview> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'anneal-captions-'));
  try {
    return await previewCaptions(input, { root, packageFolder, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
