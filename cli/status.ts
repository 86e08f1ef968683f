/** How runs stand: from Temporal where it answers, else from their reports. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';
import { isThere, readIfThere } from '../activities/processes/there.js';
import { ProblemError } from '../config/problems.js';
import type { RunProgress } from '../config/progress.js';
import { askedBy } from './answers.js';
import { type Reached, reachEngine } from './engineClient.js';
import { reportLink, workflowLink } from './links.js';
import { type Live, liveProgress } from './liveProgress.js';
import { runsFolder } from './paths.js';
import { findRunFolder, listRunFolders, type RunFolder } from './runFiles.js';
import { findRun, handleOf, listRuns, progressOf, runName } from './runs.js';
import type { Shell } from './shell.js';
import { bringStoredPage, bringStoredReports } from './storedReports.js';

export interface RunLine {
  run: string;
  state: string;
  step: string;
  /** Local time. */
  started: string;
  verdict: string;
  /** What a person is asked now. */
  question: string | null;
  /** The command that answers it. */
  answer: string | null;
}

export interface RunDetails extends RunLine {
  decisions: RunProgress['decisions'];
  link: string | null;
  report: string | null;
  /** How the run stands to its budget; null where it has none, or none is known of. */
  budget: RunProgress['budget'];
  /** The training that goes on now, or what else tells how far it is. */
  live: string | null;
  /** The same as a share; null where the whole is not known. */
  progress: Live['share'];
}

export async function runsStatus(shell: Shell, engine: Reached | null): Promise<RunLine[]> {
  return engine === null ? (await listRunFolders(shell.root)).map(fromFolder) : runsOf(shell, engine);
}

/** The runs that the server knows, and those that only their reports tell of. */
async function runsOf({ root }: Shell, engine: Reached): Promise<RunLine[]> {
  const folders = await listRunFolders(root);
  const runs = await listRuns(engine.client);
  const lines = await Promise.all(runs.map((info) => lineOf(engine, info, folders)));
  const listed = new Set(lines.map(({ run }) => run));
  return [...lines, ...folders.filter(({ run }) => !listed.has(run)).map(fromFolder)];
}

export async function runStatus(shell: Shell, engine: Reached | null, wanted: string): Promise<RunDetails> {
  if (engine === null) return detailsOfFolder(shell, await findRunFolder(shell, wanted));
  const info = await findRun(engine.client, shell.root, wanted);
  await bringStoredPage(shell, `${runsFolder(shell.root)}/${runName(info)}`);
  return detailsOf(shell, engine, info);
}

async function detailsOf(shell: Shell, engine: Reached, info: WorkflowExecutionInfo): Promise<RunDetails> {
  const handle = handleOf(engine.client, info);
  const folders = await listRunFolders(shell.root);
  const line = await lineOf(engine, info, folders);
  const progress = await progressOf(handle).catch(() => null); // no worker, or a run that never began: the line says its state
  const live = info.status.name === 'RUNNING' ? await liveProgress(engine.client, await handle.describe()) : null;
  return {
    ...line,
    decisions: progress?.decisions ?? [],
    link: workflowLink(engine, info.workflowId, info.runId),
    report: folders.some(({ run }) => run === line.run) ? reportLink(engine, shell.root, line.run) : null,
    budget: progress?.budget ?? null,
    live: live?.line ?? null,
    progress: live?.share ?? null,
  };
}

/** The list, and more of the runs that go on: all, or the one that is wanted. */
export interface Overview {
  lines: RunLine[];
  open: RunDetails[];
}

/** For whoever looks again and again: by a connection that stays open. */
export async function overview(shell: Shell, engine: Reached, wanted: string | undefined): Promise<Overview> {
  if (wanted !== undefined) {
    const details = await detailsOf(shell, engine, await findRun(engine.client, shell.root, wanted));
    return { lines: [details], open: [details] };
  }
  const runs = (await listRuns(engine.client)).filter(({ status }) => status.name === 'RUNNING');
  const open = await Promise.all(runs.map((info) => detailsOf(shell, engine, info)));
  return { lines: await runsOf(shell, engine), open };
}

/** No engine is no error here: the files know much. It is said once. */
export async function reachOrNull(shell: Shell): Promise<Reached | null> {
  try {
    return await reachEngine(shell);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.type !== 'EngineUnavailable') throw error;
    shell.talk(`${error.problem.what} What follows is from the reports; runs that were going on wait for it.`);
    return null;
  }
}

/** A store that is away takes nothing from what the server tells. */
export async function bringUnlessAway(shell: Shell, engine: Reached | null): Promise<void> {
  try {
    await bringStoredReports(shell);
  } catch (error) {
    if (engine === null || !(error instanceof ProblemError) || error.problem.type !== 'StorageUnavailable') throw error;
    shell.talk(`${error.problem.what} Runs that only the store knows are left out.`);
  }
}

/** Workflows that write no report of their own. */
const withoutReport = new Set(['captionImages', 'retrain']);

async function lineOf(engine: Reached, info: WorkflowExecutionInfo, folders: readonly RunFolder[]): Promise<RunLine> {
  const run = runName(info);
  const report = folders.find((folder) => folder.run === run)?.report;
  const isOpen = info.status.name === 'RUNNING';
  const answers = isOpen || (report === undefined && withoutReport.has(info.type));
  const progress = answers ? await progressOf(handleOf(engine.client, info)).catch(() => null) : null;
  return {
    run: progress?.run ?? run,
    state: progress?.state ?? (isOpen ? 'running' : (report?.state ?? info.status.name.toLowerCase())),
    step: progress?.step ?? report?.step ?? '',
    started: localTime(info.startTime),
    verdict: progress?.verdict ?? report?.verdict ?? '',
    ...asksNow(progress?.question, run),
  };
}

function fromFolder({ run, report }: RunFolder): RunLine {
  return {
    run,
    state: report?.state ?? 'unknown',
    step: report?.step ?? '',
    started: report ? localTime(new Date(report.startedAt)) : '',
    verdict: report?.verdict ?? 'No report was written yet.',
    ...asksNow(report?.question, run),
  };
}

function asksNow(question: string | null | undefined, run: string): Pick<RunLine, 'question' | 'answer'> {
  return question ? { question, answer: askedBy(question, run).answer } : { question: null, answer: null };
}

const ReportDecisions = z.object({
  decisions: z.array(z.object({ id: z.string(), verdict: z.string(), reason: z.string() })),
});

async function detailsOfFolder(shell: Shell, found: RunFolder): Promise<RunDetails> {
  await bringStoredPage(shell, found.folder);
  const content = await readIfThere(`${found.folder}/report.json`);
  const { decisions } = content ? ReportDecisions.parse(content) : { decisions: [] };
  const report = (await isThere(`${found.folder}/report.html`))
    ? reportLink({ reports: null }, shell.root, found.run)
    : null;
  return { ...fromFolder(found), decisions, link: null, report, budget: null, live: null, progress: null };
}

function localTime(time: Date): string {
  return time.toLocaleString('sv').slice(0, 16);
}
