/** A sweep by successive halving: the loss of each trial at each rung, and of its other seeds beside it (R10). */
import type { SweepTrial } from '../../../config/sweep.js';
import { figure } from '../format.js';
import type { Html } from '../html.js';
import { drawingSize, grid, isLogarithmic, letters, lossAxis, smallestLoss } from './axes.js';
import { draw } from './draw.js';
import { ink } from './palette.js';

export interface RungTrial extends SweepTrial {
  /** Passes over the business data up to this rung. */
  epochs: number;
}

interface Line {
  name: string;
  runs: readonly RungTrial[];
  taken: boolean;
}

/** Null while there is no loss to draw. */
export function drawHalving(trials: readonly RungTrial[], taken: string | null): Html | null {
  const known = trials.filter(({ loss }) => loss !== null);
  if (known.length === 0) return null;
  const losses = known.map(({ loss }) => Number(loss));
  const rungs = [...new Set(known.map(({ rung }) => rung))].sort((a, b) => a - b);
  const epochsOf = (rung: number) => known.find((each) => each.rung === rung)?.epochs ?? 0;
  const names = [...new Set(known.map(({ trial }) => trial))];
  const lines = names.map(
    (name): Line => ({ name, runs: known.filter(({ trial }) => trial === name), taken: name === taken }),
  );
  const shown = (loss: number | null) => (isLogarithmic(losses) ? Math.max(Number(loss), smallestLoss) : Number(loss));
  return draw({
    id: 'halving',
    title: 'Validation loss of each trial, by rung',
    description: rungs.map((rung) => described(rung, epochsOf(rung), known)).join(' '),
    width: drawingSize.width * 1.5,
    height: drawingSize.height,
    option: {
      grid: { ...grid, left: 58 },
      xAxis: {
        type: 'category',
        data: rungs.map((rung) => `rung ${rung}: ${figure(epochsOf(rung))} epochs`),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: ink('grid') } },
        axisLabel: { color: ink('text'), fontSize: letters.small },
      },
      yAxis: lossAxis(losses),
      series: [...lines.filter((line) => !line.taken), ...lines.filter((line) => line.taken)].flatMap((line) =>
        seriesOf(line, rungs, shown),
      ),
    },
  });
}

/** A line through the rungs that the trial reached, and hollow marks for its other seeds: the noise. */
function seriesOf({ runs, taken }: Line, rungs: readonly number[], shown: (loss: number | null) => number) {
  const colour = ink(taken ? 'blue' : 'before');
  const marks = (seeds: readonly RungTrial[]) => seeds.map(({ rung, loss }) => [rungs.indexOf(rung), shown(loss)]);
  const common = { symbol: 'circle', symbolSize: taken ? 9 : 6, z: taken ? 4 : 2 };
  return [
    {
      type: 'line',
      data: marks(runs.filter(({ seed }) => seed === 1).toSorted((a, b) => a.rung - b.rung)),
      lineStyle: { color: colour, width: taken ? 3 : 1.2 },
      itemStyle: { color: colour },
      ...common,
    },
    {
      type: 'line',
      data: marks(runs.filter(({ seed }) => seed > 1)),
      lineStyle: { width: 0 },
      itemStyle: { color: ink('paper'), borderColor: colour, borderWidth: 1.5 },
      ...common,
    },
  ];
}

function described(rung: number, epochs: number, trials: readonly RungTrial[]): string {
  const losses = trials.filter((each) => each.rung === rung && each.seed === 1).map(({ loss }) => Number(loss));
  return `Rung ${rung}, ${figure(epochs)} epochs: ${losses.length} trials from ${figure(Math.min(...losses))} to ${figure(Math.max(...losses))}.`;
}
