/** `anneal plan`: what a run would do, without starting it. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Estimate } from '../../config/budget.js';
import { exitCodes } from '../../config/problems.js';
import { settingsWithOrigin } from '../../config/resolve.js';
import type { Provenance, ResolvedRecipe } from '../../config/resolved.js';
import { trainerHoursOf } from '../../workflows/policies/budget/estimate.js';
import { mostSpent, planBudget } from '../../workflows/policies/budget/plan.js';
import { type CapName, capNames } from '../../workflows/policies/budget/spending.js';
import { type Machine, mostGpus } from '../../workflows/policies/parallel/plan.js';
import { figure } from '../../workflows/policies/wording.js';
import { type MemoryPlan, memoryPlans } from '../memoryPlans.js';
import type { Plan } from '../plan.js';
import { planSteps } from '../planSteps.js';
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
    .option('--all-settings', 'list every setting, with where its value is from')
    .option('--gpus <NxGB>', 'also say in which parallel layout it fits so many GPUs, such as 8x80 (R10)', gpusOf)
    .action(run(plan));
}

type PlanOptions = JsonOption & SettingsOption & { gpus?: Machine; allSettings?: boolean };

async function plan(shell: Shell, task: string, { json, set, gpus, allSettings }: PlanOptions): Promise<number> {
  const { makePlan } = await import('../plan.js');
  const made = await makePlan(shell, task, set ?? {});
  const memory = gpus ? { memory: memoryPlans(made.recipe, gpus) } : {};
  const lines = [
    ...planLines(made, Boolean(allSettings)),
    ...(memory.memory ? ['', ...memoryLines(memory.memory)] : []),
  ];
  printResult(shell, Boolean(json), { ...made, ...memory }, lines);
  return exitCodes.done;
}

/** GPUs and gigabytes of each, of nodes with eight. Throws where the text is not of that form. */
function gpusOf(text: string): Machine {
  const [, gpus, gigabytes] = /^(\d+)x(\d+)$/i.exec(text) ?? [];
  if (!gpus || !gigabytes || Number(gpus) < 1 || Number(gigabytes) < 1)
    throw new InvalidArgumentError('Write the number of GPUs and the gigabytes of each, such as 8x80.');
  if (Number(gpus) > mostGpus) throw new InvalidArgumentError(`At most ${mostGpus} GPUs are planned.`);
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

function planLines({ recipe, estimate }: Plan, allSettings: boolean): string[] {
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
    ...columns(planSteps(recipe).map(({ name, rules, does }) => ['', name, rules, does])),
    '',
    ...(allSettings ? settingLines(recipe) : provenanceLines(recipe.provenance)),
    '',
    ...estimateLines(estimate),
    ...budgetLines(recipe, estimate),
  ];
}

function settingLines({ settings, provenance }: ResolvedRecipe): string[] {
  const rows = settingsWithOrigin(settings, provenance).map(({ path, value, from }) => [
    '',
    path,
    value,
    from === 'default' ? 'default' : `from the ${from}`,
  ]);
  return ['Settings:', ...columns(rows)];
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

function estimateLines(estimate: Estimate): string[] {
  const { stages, questions, speed } = estimate;
  const hours = trainerHoursOf(estimate);
  const time = hours === null ? 'not known' : `${Math.ceil(hours * 60)} minutes`;
  return [
    'It trains at most, if no step stops it:',
    ...columns(stages.map(({ name, samples }) => ['', name, `${samples} samples`])),
    `  training time ${time} (${speed})`,
    `  and asks about ${questions} questions of the models`,
  ];
}

/** Each cap beside what it is to bear, and a warning where that may be more. */
function budgetLines({ settings: { budget } }: ResolvedRecipe, estimate: Estimate): string[] {
  if (!budget) return [];
  const { prices = {}, ...caps } = budget;
  const most = mostSpent(estimate, prices);
  const rows = (Object.keys(capNames) as CapName[]).map((name) => {
    const needed = most?.[name] ?? null;
    const cap = caps[name];
    return [
      '',
      capNames[name],
      cap === undefined ? 'no cap' : `cap ${figure(cap)}`,
      needed === null ? 'not known' : `training takes ${figure(needed)} at most`,
    ];
  });
  const { verdict, reason } = planBudget(caps, prices, estimate);
  const warning = verdict === 'fits' ? [] : [`  warning: ${reason} A run pauses at a cap and asks.`];
  return ['', 'Budget:', ...columns(rows), ...warning];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
