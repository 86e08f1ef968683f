/** The table of a sweep by successive halving: every trial, its losses rung by rung, and what became of it (R10). */
import type { TrainingSummary } from '../../../config/report.js';
import type { Tuning } from '../../../config/sweep.js';
import { partsText } from '../../../workflows/policies/sweep/tuningText.js';
import { drawHalving, type RungTrial } from '../charts/halving.js';
import { count, counted, figure, rate } from '../format.js';
import { type Html, html } from '../html.js';
import { nothing, table } from './parts.js';

/** What only some sweeps search. */
interface OptionalColumn {
  head: string;
  has(tuning: Tuning): boolean;
  says(tuning: Tuning): string;
}

const ofTheModel = 'the model’s';
const optionalColumns: readonly OptionalColumn[] = [
  {
    head: 'Method',
    has: ({ method }) => method !== undefined,
    says: ({ method }) => (method === 'lora' ? 'LoRA' : 'full'),
  },
  {
    head: 'Frozen',
    has: ({ freeze }) => freeze !== undefined,
    says: ({ freeze = [] }) => partsText(freeze),
  },
  {
    head: 'Experts',
    has: ({ activeExperts }) => activeExperts !== undefined,
    says: ({ activeExperts }) => (activeExperts === undefined ? ofTheModel : count(activeExperts)),
  },
  {
    head: 'Router loss',
    has: ({ routerLoss }) => routerLoss !== undefined,
    says: ({ routerLoss }) => (routerLoss === undefined ? ofTheModel : figure(routerLoss)),
  },
];

export function halvingTrials(trainings: readonly TrainingSummary[]): RungTrial[] {
  return trainings.flatMap(({ trial, curve, epochs }) => {
    return trial ? [{ ...trial, epochs: curve.at(-1)?.epoch ?? epochs }] : [];
  });
}

/** The figure of a sweep: its picture, its table, and `folded` below. `verdict` may be a trial that a person named. */
export function halvingFigure(trials: readonly RungTrial[], verdict: string | null, folded: Html): Html {
  const names = [...new Set(trials.map(({ trial }) => trial))].sort(byNumber);
  const rungs = [...new Set(trials.map(({ rung }) => rung))].sort((a, b) => a - b);
  const taken = names.find((name) => name === verdict) ?? trials.find(({ fate }) => fate === 'taken')?.trial ?? null;
  const trainings = counted(trials.length, 'training');
  const runsOf = (name: string) => trials.filter(({ trial }) => trial === name);
  const columns = optionalColumns.filter(({ has }) => trials.some(({ tuning }) => has(tuning)));
  const rows = names.map((name) => rowOf(name, runsOf(name), { rungs, columns, taken: name === taken }));
  const settings = ['Trial', 'Rate', 'Batch', 'Rank', 'Warm-up', ...columns.map(({ head }) => head)];
  const head = [...settings, ...rungs.map((rung) => `Rung ${rung}`), 'Seeds', 'What became of it'];
  return html`<figure class="card"><h3>sweep</h3><p class="facts">${counted(names.length, 'trial')} by successive halving · ${trainings} · validation loss</p>
${drawHalving(trials, taken) ?? nothing('No losses yet.')}
<figcaption><p class="legend"><span>filled: a trial at a rung, lined to the next</span><span>hollow: another seed of it, the noise</span>${taken ? html`<span><b>${taken}, taken</b></span>` : null}</p>
${table(head, rows, 'numbers')}${folded}</figcaption></figure>`;
}

function rowOf(
  name: string,
  runs: readonly RungTrial[],
  { rungs, columns, taken }: { rungs: readonly number[]; columns: readonly OptionalColumn[]; taken: boolean },
): (Html | string)[] {
  const own = runs.filter(({ seed }) => seed === 1).toSorted((a, b) => a.rung - b.rung);
  const { tuning } = own[0] ?? runs[0] ?? {};
  const told = own.findLast((run) => run.fate !== null)?.fate ?? 'under way';
  const fate = told === 'taken' && !taken ? 'left: a person took another' : told;
  return [
    taken ? html`<b>${name}</b>` : name,
    tuning ? rate(tuning.learningRate) : '',
    tuning ? count(tuning.batchSize) : '',
    tuning?.loraRank ? count(tuning.loraRank) : '–',
    tuning ? figure(tuning.warmupRatio) : '',
    ...columns.map(({ says }) => (tuning ? says(tuning) : '')),
    ...rungs.map((rung) => lossText(own.find((run) => run.rung === rung))),
    seedsText(runs),
    taken ? 'taken' : fate,
  ];
}

function lossText(run: RungTrial | undefined): string {
  if (!run) return '';
  if (run.loss === null) return 'none';
  return run.standardError === null ? figure(run.loss) : `${figure(run.loss)} ± ${figure(run.standardError)}`;
}

/** The other seeds at the rung where they are: their losses one by one. */
function seedsText(runs: readonly RungTrial[]): string {
  return runs
    .filter(({ seed }) => seed > 1)
    .toSorted((a, b) => a.rung - b.rung || a.seed - b.seed)
    .map(({ loss }) => (loss === null ? 'none' : figure(loss)))
    .join(', ');
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
