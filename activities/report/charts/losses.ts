/** The losses of one training over its epochs, with the chosen checkpoint marked. */
import type { TrainingSummary } from '../../../config/report.js';
import type { TrainingCurve } from '../details.js';
import { figure } from '../format.js';
import type { Html } from '../html.js';
import { drawingSize, epochAxis, grid, isLogarithmic, letters, lossAxis, smallestLoss } from './axes.js';
import { draw } from './draw.js';
import { type InkName, ink, lineStyle } from './palette.js';

export interface LossLine {
  name: string;
  ink: InkName;
  dash: number[];
  width: number;
  /** Epoch and loss in nats a token; null where it was not a number. */
  points: [number, number | null][];
}

/** Points of the training loss that are drawn at most; more are averaged. */
const mostTrainingPoints = 160;

/** The held-out sets first, in the order of their names with validation leading; the training loss last, behind them. */
export function lossLines({ steps, evaluations }: TrainingCurve): LossLine[] {
  const names = [...new Set(evaluations.flatMap(({ losses }) => Object.keys(losses)))].sort(byMeaning);
  const sets = names.map((name) => ({
    name: name === 'train' ? 'training set, asked back' : name,
    ...setStyle(name),
    width: 2.2,
    points: evaluations.map(({ epoch, losses }): [number, number | null] => [epoch, losses[name] ?? null]),
  }));
  if (steps.length === 0) return sets;
  return [...sets, { name: 'training', ink: 'training', dash: [], width: 1.4, points: averaged(steps) }];
}

const meanings = ['validation', 'generic', 'train'];

function setStyle(name: string) {
  const index = meanings.indexOf(name);
  return lineStyle(index < 0 ? meanings.length : index);
}

function byMeaning(left: string, right: string): number {
  const rank = (name: string) => (meanings.includes(name) ? meanings.indexOf(name) : meanings.length);
  return rank(left) - rank(right) || left.localeCompare(right);
}

function averaged(steps: TrainingCurve['steps']): [number, number | null][] {
  const size = Math.ceil(steps.length / mostTrainingPoints);
  const groups = Array.from({ length: Math.ceil(steps.length / size) }, (_, at) =>
    steps.slice(at * size, (at + 1) * size),
  );
  return groups.map((group) => {
    const losses = group.flatMap(({ loss }) => (loss === null ? [] : [loss]));
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    return [group.at(-1)?.epoch ?? 0, losses.length > 0 ? mean : null];
  });
}

/** The epoch of the chosen step; null where none was chosen or nothing tells its epoch. */
export function chosenEpoch({ chosenStep }: TrainingSummary, curve: TrainingCurve): number | null {
  if (chosenStep === null) return null;
  const known = [...curve.evaluations, ...curve.steps].find(({ step }) => step === chosenStep);
  return known?.epoch ?? (curve.stepsPerEpoch ? chosenStep / curve.stepsPerEpoch : null);
}

/** Null where there is nothing to draw yet. */
export function drawLosses(id: string, training: TrainingSummary, curve: TrainingCurve): Html | null {
  const lines = lossLines(curve);
  const losses = lossesOf(lines);
  if (losses.length === 0) return null;
  const chosen = chosenEpoch(training, curve);
  const last = Math.max(...lines.flatMap(({ points }) => points.map(([epoch]) => epoch)));
  const series = [...lines].reverse().map((each) => lineSeries(each, isLogarithmic(losses)));
  return draw({
    id,
    title: `Losses of the training ${training.name}, by epoch`,
    description: [...lines.map(described), ...(chosen === null ? [] : [`Chosen: epoch ${figure(chosen)}.`])].join(' '),
    width: drawingSize.width,
    height: drawingSize.height,
    option: {
      grid,
      xAxis: epochAxis(last),
      yAxis: lossAxis(losses),
      series:
        chosen === null ? series : [...series, chosenMark({ epoch: chosen, last }, lines[0], isLogarithmic(losses))],
    },
  });
}

export function lossesOf(lines: readonly LossLine[]): number[] {
  return lines.flatMap(({ points }) => points.flatMap(([, loss]) => (loss === null ? [] : [loss])));
}

export function lineSeries({ ink: colour, dash, width, points }: LossLine, logarithmic: boolean) {
  const drawn = points.map(([epoch, loss]) => [
    epoch,
    loss !== null && logarithmic ? Math.max(loss, smallestLoss) : loss,
  ]);
  const style = { color: ink(colour), width, type: dash.length > 0 ? dash : 'solid', cap: 'butt', join: 'round' };
  const alone = points.length === 1;
  return {
    type: 'line',
    data: drawn,
    lineStyle: style,
    itemStyle: { color: ink(colour) },
    symbol: alone ? 'circle' : 'none',
    symbolSize: 6,
  };
}

/** A thin line at the chosen epoch, and a dot on the line that it was chosen by. */
function chosenMark({ epoch, last }: { epoch: number; last: number }, by: LossLine | undefined, logarithmic: boolean) {
  const loss = by?.points.find(([at]) => at === epoch)?.[1];
  const at = loss === null || loss === undefined ? [] : [[epoch, logarithmic ? Math.max(loss, smallestLoss) : loss]];
  const align = epoch > 0.85 * last ? 'right' : epoch < 0.15 * last ? 'left' : 'center';
  const label = {
    formatter: 'chosen',
    position: 'end',
    align,
    color: ink('strong'),
    fontSize: letters.small,
    distance: 5,
  };
  const markLine = {
    silent: true,
    symbol: 'none',
    data: [{ xAxis: epoch }],
    lineStyle: { color: ink('strong'), width: 1, type: [3, 3] },
    label,
  };
  const itemStyle = { color: ink('paper'), borderColor: ink('strong'), borderWidth: 2.5 };
  return { type: 'line', data: at, symbol: 'circle', symbolSize: 10, itemStyle, markLine, z: 5 };
}

function described({ name, points }: LossLine): string {
  const known = points.filter((point): point is [number, number] => point[1] !== null);
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return `${name}: no figures.`;
  return `${name}: ${figure(first[1])} at epoch ${figure(first[0])}, ${figure(last[1])} at epoch ${figure(last[0])}.`;
}
