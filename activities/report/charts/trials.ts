/** The trials of a sweep side by side: their validation losses over epochs, and at the end by learning rate (R10). */
import type { TrainingSummary } from '../../../config/report.js';
import type { TrainingCurve } from '../details.js';
import { figure, rate } from '../format.js';
import type { Html } from '../html.js';
import { drawingSize, epochAxis, grid, isLogarithmic, letters, lossAxis, rateAxis, smallestLoss } from './axes.js';
import { draw } from './draw.js';
import { type LossLine, lineSeries, lossesOf } from './losses.js';
import { ink, lineStyle } from './palette.js';

export interface Trial {
  training: TrainingSummary;
  curve: TrainingCurve;
  /** Whether the run went on with its learning rate. */
  picked: boolean;
}

type TrialLine = LossLine & { picked: boolean };

/** A line a trial, in the order of the rates. */
export function trialLines(trials: readonly Trial[]): TrialLine[] {
  return trials.map(({ training, curve, picked }, index) => ({
    name: rate(training.learningRate),
    ...lineStyle(index),
    ...(picked ? { dash: [] } : {}),
    width: picked ? 3 : 1.6,
    picked,
    points: curve.evaluations.map(({ epoch, losses }): [number, number | null] => [
      epoch,
      losses['validation'] ?? null,
    ]),
  }));
}

export function drawTrialCurves(lines: readonly LossLine[]): Html | null {
  const losses = lossesOf(lines);
  if (losses.length === 0) return null;
  const last = Math.max(...lines.flatMap(({ points }) => points.map(([epoch]) => epoch)));
  return draw({
    id: 'trials',
    title: 'Validation loss of each trial, by epoch',
    description: lines
      .map((line) => `Learning rate ${line.name}: ${figure(lastLoss(line) ?? Number.NaN)} at the end.`)
      .join(' '),
    width: drawingSize.width,
    height: drawingSize.height,
    option: {
      grid,
      xAxis: epochAxis(last),
      yAxis: lossAxis(losses),
      series: lines.map((line) => lineSeries(line, isLogarithmic(losses))),
    },
  });
}

/** The last validation loss against the learning rate: where the best value lies in the grid. */
export function drawTrialEnds(lines: readonly TrialLine[]): Html | null {
  const ends = lines.flatMap((line) => {
    const loss = lastLoss(line);
    return loss === null ? [] : [{ ...line, loss }];
  });
  if (ends.length < 2) return null;
  const losses = ends.map(({ loss }) => loss);
  return draw({
    id: 'trial-ends',
    title: 'Validation loss at the end of each trial, by learning rate',
    description: ends.map(({ name, loss, picked }) => `${name}: ${figure(loss)}${picked ? ', taken' : ''}.`).join(' '),
    width: drawingSize.width,
    height: drawingSize.height,
    option: {
      grid: { ...grid, left: 58, right: 34, top: 34 },
      xAxis: rateAxis(ends.map(({ name }) => name)),
      yAxis: lossAxis(losses),
      series: [endSeries(ends)],
    },
  });
}

type TrialEnd = TrialLine & { loss: number };

function endSeries(ends: readonly TrialEnd[]) {
  return {
    type: 'line',
    data: ends.map(({ loss, picked, ink: colour }) => ({
      value: Math.max(loss, smallestLoss),
      symbolSize: picked ? 15 : 9,
      itemStyle: { color: ink(colour), borderColor: ink(picked ? 'strong' : 'paper'), borderWidth: picked ? 2.5 : 1 },
    })),
    symbol: 'circle',
    lineStyle: { color: ink('training'), width: 1.4 },
    label: {
      show: true,
      position: 'top',
      distance: 8,
      color: ink('strong'),
      fontSize: letters.small,
      textBorderColor: ink('paper'),
      textBorderWidth: 3,
      formatter: labelOf,
    },
  };
}

function labelOf({ value }: { value: number }): string {
  return figure(Number(value.toPrecision(3)));
}

function lastLoss({ points }: LossLine): number | null {
  return points.findLast(([, loss]) => loss !== null)?.[1] ?? null;
}
