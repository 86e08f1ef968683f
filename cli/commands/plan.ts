/** `anneal plan`: what a run would do, without starting it. */
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../../config/problems.js';
import type { Provenance } from '../../config/resolved.js';
import type { Machine } from '../../workflows/policies/parallel/plan.js';
import type { Estimate } from '../estimate.js';
import { type MemoryPlan, memoryPlans } from '../memoryPlans.js';
import type { Plan } from '../plan.js';
import { columns, printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, type SettingsOption, setOption, subcommand } from './shared.js';

const about =
  'Check a task and say what a run of it would do: its steps, every setting that is not the recipe’s ' +
  'default and where it is from, and what it may cost. Starts nothing and asks no model. Bad input ends ' +
  'with exit code 2.';

export function addPlan(program: Command, run: Runner): void {
  subcommand(
    program,
    'plan',
    { summary: 'say what a run would do, and start nothing', about },
    'anneal plan examples/digits --set sweep.epochs=2',
  )
    .argument('<task>', 'folder with a task.json')
    .addOption(setOption())
    .option('--gpus <NxGB>', 'also say in which parallel layout it fits so many GPUs, such as 8x80 (R10)', gpusOf)
    .action(run(plan));
}

type PlanOptions = JsonOption & SettingsOption & { gpus?: Machine };

async function plan(shell: Shell, task: string, { json, set, gpus }: PlanOptions): Promise<number> {
  const { makePlan } = await import('../plan.js');
  const made = await makePlan(shell, task, set ?? {});
  const memory = gpus ? { memory: memoryPlans(made.recipe, gpus) } : {};
  const lines = [...planLines(made), ...(memory.memory ? ['', ...memoryLines(memory.memory)] : [])];
  printResult(shell, Boolean(json), { ...made, ...memory }, lines);
  return exitCodes.done;
}

/** GPUs and gigabytes of each, of nodes with eight. Throws where the text is not of that form. */
function gpusOf(text: string): Machine {
  const [, gpus, gigabytes] = /^(\d+)x(\d+)$/i.exec(text) ?? [];
  if (!gpus || !gigabytes || Number(gpus) < 1 || Number(gigabytes) < 1)
    throw new InvalidArgumentError('Write the number of GPUs and the gigabytes of each, such as 8x80.');
  return { gpus: Number(gpus), gpusPerNode: 8, bytesPerGpu: Number(gigabytes) * 1024 ** 3 };
}

function memoryLines(plans: MemoryPlan[] | null): string[] {
  if (plans === null)
    return ['Memory: the model’s configuration does not say its layers and sizes under the usual names.'];
  return [
    'Memory, by an estimate of 20 % over the formula:',
    ...columns(plans.map(({ method, says }) => ['', method, says])),
  ];
}

const steps = [
  ['buildDataset', 'R4 R7', 'read, check and split the records'],
  ['promptFirst', 'R1 R2', 'measure the prompt on held-out data; stop here if it is enough'],
  ['sanityCheck', 'R8 R9', 'train on business data alone; stop if the training set can not be repeated'],
  ['sweep', 'R10 R11', 'compare learning rates by their validation curves'],
  ['mixGeneric', 'R12', 'take the first mix of generic data that keeps general ability'],
  ['trainStaged', 'R14 to R16', 'train coarse, then fine, under the overfit watchdog'],
  ['alignPreferences', 'R3', 'train on pairs of its own answers, where fine control is what lacks'],
  ['evaluate', 'R1', 'measure before and after, through the endpoint that would serve it'],
];

function planLines({ recipe, estimate }: Plan): string[] {
  const { task, model, settings, endpoint } = recipe;
  const { score, formatValidity } = task.target;
  return [
    `Task      ${task.name} (${task.file})`,
    `Target    ${percent(score)} right, ${percent(formatValidity)} in the wanted form, on held-out data`,
    `Model     ${model.preset}, ${model.architecture}`,
    `Prompt    asked of ${endpoint === null ? 'a server of the base model' : `${endpoint.model} at ${endpoint.baseUrl}`}`,
    `Data      ${estimate.rows} rows read, about ${estimate.trainRows} of them to train on`,
    `Questions onQuestion is ${settings.onQuestion}`,
    '',
    'Steps, each only if the one before says so:',
    ...columns(steps.map((step) => ['', ...step])),
    '',
    ...provenanceLines(recipe.provenance),
    '',
    ...estimateLines(estimate),
  ];
}

function provenanceLines(provenance: readonly Provenance[]): string[] {
  if (provenance.length === 0) return ['Settings: all as the recipe has them.'];
  const rows = provenance.map(({ path, value, from, instead }) => [
    '',
    path,
    value,
    `from the ${from}`,
    `default ${instead}`,
  ]);
  return ['Settings that are not the recipe’s defaults:', ...columns(rows)];
}

function estimateLines({ stages, questions, trainingMinutes, speed }: Estimate): string[] {
  const time = trainingMinutes === null ? 'not known' : `${Math.ceil(trainingMinutes)} minutes`;
  return [
    'It trains at most, if no step stops it:',
    ...columns(stages.map(({ name, samples }) => ['', name, `${samples} samples`])),
    `  training time ${time} (${speed})`,
    `  and asks about ${questions} questions of the models`,
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
