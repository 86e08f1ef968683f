/**
 * Records the histories beside this file, by real runs of the short task with a real trainer; about 6 minutes in all:
 *
 *     npx tsx test/histories/record.ts [whole] [killed] [cancelled] [overruled] [aligned] [longer] [captionImages] [rewriteRecords] [retrain]
 *
 * What names this machine is replaced: hosts, and the places of this clone and of its tools.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { makePictures } from '../../bench/lib/captionPictures.js';
import { ok, StandIn } from '../activities/vlm/standIn.js';
import { type Project, startProject } from '../e2e/project.js';
import { untilStep } from '../e2e/training.js';
import { until } from '../e2e/until.js';
import { mapTexts, packed } from './stored.js';

/** Recorded paths lie here, wherever the recording was made. */
const neutralFolder = '/tmp/anneal-demo';
const folder = path.dirname(fileURLToPath(import.meta.url));

type Act = (run: WorkflowHandle, project: Project) => Promise<void>;

/** What happens to a run of each kind. */
const scenarios: Record<string, Act> = {
  /** Nothing. */
  whole: async () => undefined,

  /** The gpu worker is killed while it watches a training; the run goes on to its end. */
  async killed({ workflowId }, { client, facts }) {
    await untilStep(client, `${workflowId}.sanityCheck.sanity`, 5);
    process.kill(facts.children['worker-gpu']?.pid ?? 0, 'SIGKILL');
  },

  /** In mid-training. */
  async cancelled(run, { client }) {
    await untilStep(client, `${run.workflowId}.sanityCheck.sanity`, 5);
    await run.cancel();
  },

  /** Three times: a decision still to come, a training that runs, and a decision that was acted upon. */
  async overruled(run, { client }) {
    const overrule = (decision: string, verdict: string) =>
      run.executeUpdate('overrule', { args: [{ decision, verdict, by: 'a person', why: 'to record it' }] });
    await untilStep(client, `${run.workflowId}.sanityCheck.sanity`, 5);
    await overrule('mixGeneric', '2 business : 1 generic');
    await untilStep(client, `${run.workflowId}.sweep.sweep.0.001`, 2);
    await overrule('sweep/0.001/watchdog', 'stop');
    await untilStep(client, `${run.workflowId}.sweep.sweep.0.002`, 2);
    await overrule('promptFirst', 'promptEnough');
  },

  /** Nothing; it trains on preferences too. */
  aligned: async () => undefined,

  /** Nothing; its training set is nearly repeated, and trained on for longer. */
  longer: async () => undefined,
};

/** Settings of a run that is not of the task alone. */
const recipes: Record<string, object> = {
  aligned: { align: { when: 'on' } },
  longer: { onQuestion: 'default', sanity: { epochs: 4, ceiling: 0.99, floor: 0.01 } },
};

/** Workflows that stand alone, each asked of an endpoint that always says the same; a first round of retraining asks its own models. */
const alone: Record<string, (endpoint: object) => object> = {
  captionImages: (endpoint) => ({ images: 'photos', windowSize: 5, filters: { minimumWords: 1 }, endpoint }),
  rewriteRecords: (endpoint) => ({ task: 'bins', purpose: 'correct', endpoint }),
  retrain: () => ({ task: 'bins' }),
};

async function main(names: string[]): Promise<void> {
  await rm(neutralFolder, { recursive: true, force: true });
  const project = await startProject(neutralFolder, ['bins']);
  try {
    for (const name of names) await (name in alone ? recordAlone(project, name) : record(project, name));
  } finally {
    await project.end();
  }
}

async function record(project: Project, name: string): Promise<void> {
  const act = scenarios[name];
  if (!act) throw new Error(`There is no ${name}; there are ${Object.keys(scenarios).join(', ')}.`);
  const { client } = project;
  const run = await client.workflow.start('boost', {
    workflowId: `boost-${name}`,
    taskQueue: 'anneal-recipe',
    args: [{ task: 'bins', recipe: recipes[name] ?? {} }],
  });
  await act(run, project);
  const end = await run.result().then(JSON.stringify, (error: Error) => error.message);
  const into = path.join(folder, name);
  await rm(into, { recursive: true, force: true });
  await mkdir(into);
  await write(client, run.workflowId, into);
  process.stdout.write(`${name}: ${end}\n`);
}

async function recordAlone({ client, root }: Project, name: string): Promise<void> {
  const endpoint = new StandIn(() => ok('A grey field without anything in it.'));
  await makePictures(path.join(root, 'photos'), 12, 24);
  const input = alone[name]?.({ baseUrl: await endpoint.start(), model: 'stand-in' });
  const run = await client.workflow.start(name, { workflowId: name, taskQueue: 'anneal-recipe', args: [input] });
  process.stdout.write(`${name}: ${JSON.stringify(await run.result())}\n`);
  const neutral = mapTexts(JSON.parse(historyToJSON(await run.fetchHistory())), withoutPlaces);
  await writeFile(path.join(folder, 'whole', `${name}.json.gz`), packed(neutral));
  await endpoint.stop();
}

/** Writes the histories of a run and of every workflow under it, by their ids. */
async function write(client: Client, workflowId: string, into: string): Promise<void> {
  const all = await until('every workflow of the run is listed as closed', async () => {
    const infos: WorkflowExecutionInfo[] = [];
    for await (const info of client.workflow.list({ query: `WorkflowId STARTS_WITH '${workflowId}'` }))
      infos.push(info);
    return infos.some(({ status }) => status.name === 'RUNNING') ? undefined : infos;
  });
  const seen = new Map<string, number>();
  for (const { workflowId: id, runId } of all.sort((a, b) => a.startTime.getTime() - b.startTime.getTime())) {
    const history = await client.workflow.getHandle(id, runId).fetchHistory();
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    const name = `${id.slice(workflowId.length + 1) || 'boost'}${times > 1 ? `-${times}` : ''}`;
    const neutral = mapTexts(JSON.parse(historyToJSON(history)), withoutPlaces);
    await writeFile(path.join(into, `${name}.json.gz`), packed(neutral));
  }
}

/** What names this machine and what stands instead, the longest first: a place in another one goes before it. */
const places = [
  [packageFolder, '/anneal'],
  [process.env['ANNEAL_PYTHON'] ?? 'python3', 'python3'],
  [os.homedir(), '/home/anneal'],
  [os.hostname(), 'host'],
].sort(([a = ''], [b = '']) => b.length - a.length);

function withoutPlaces(text: string): string {
  return places.reduce((changed, [place = '', instead = '']) => changed.replaceAll(place, instead), text);
}

const wanted = process.argv.slice(2);
await main(wanted.length > 0 ? wanted : [...Object.keys(scenarios), ...Object.keys(alone)]);
