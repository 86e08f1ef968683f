/** Shares before and after on one scale, each with its interval, and the target they are held against. */
import type { Interval } from '../../../config/decisions.js';
import { interval, percent } from '../format.js';
import type { Html } from '../html.js';
import { drawingSize, letters } from './axes.js';
import { draw } from './draw.js';
import { type InkName, ink } from './palette.js';

export interface Comparison {
  name: string;
  before: Interval | null;
  after: Interval | null;
  /** A share from 0 to 1. */
  target: number | null;
}

const rowHeight = 74;
const inner = { left: 14, right: 14, top: 4, bottom: 34 };

export function drawIntervals(rows: readonly Comparison[]): Html | null {
  const shown = rows.filter(({ before, after }) => before || after);
  if (shown.length === 0) return null;
  const label = { color: ink('text'), fontSize: letters.small };
  const axis = { show: false, type: 'value', min: 0, max: shown.length, inverse: true };
  return draw({
    id: 'intervals',
    title: 'Scores before and after, with 95 % intervals',
    description: shown.map(described).join(' '),
    width: drawingSize.width,
    height: shown.length * rowHeight + inner.top + inner.bottom,
    option: {
      grid: inner,
      xAxis: {
        type: 'value',
        min: 0,
        max: 100,
        interval: 25,
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { lineStyle: { color: ink('grid') } },
        axisLabel: { ...label, formatter: '{value} %', alignMinLabel: 'left', alignMaxLabel: 'right' },
      },
      yAxis: axis,
      series: [
        {
          type: 'custom',
          data: shown.map((_, index) => [0, index]),
          renderItem: (_: unknown, api: Scale) => row(shown, api),
        },
      ],
    },
  });
}

/** What ECharts gives a custom series: values of the datum, and places of values. */
interface Scale {
  value(dimension: number): number;
  coord(point: [number, number]): number[];
}

type Shape = Record<string, unknown>;

function row(rows: readonly Comparison[], api: Scale) {
  const index = api.value(1);
  const { name, before, after, target } = rows[index] as Comparison;
  const at = (share: number, offset: number): [number, number] => {
    const [x = 0, y = 0] = api.coord([share * 100, index]);
    return [x, y + offset];
  };
  return {
    type: 'group',
    children: [
      {
        type: 'text',
        style: {
          text: name,
          x: at(0, 0)[0] + 1,
          y: at(0, 9)[1],
          fill: ink('strong'),
          fontSize: letters.size,
          fontFamily: 'inherit',
          fontWeight: 600,
        },
      },
      ...(target === null ? [] : targetShapes(at, target)),
      ...(before ? intervalShapes(at, before, 39, 'before') : []),
      ...(after ? intervalShapes(at, after, 58, 'blue') : []),
    ],
  };
}

type Place = (share: number, offset: number) => [number, number];

function targetShapes(at: Place, target: number): Shape[] {
  const [x, top] = at(target, 28);
  const style = { stroke: ink('strong'), lineWidth: 1.2, lineDash: [3, 3] };
  const text = { text: `target ${percent(target)}`, x: x + (target > 0.5 ? 1 : -1), y: top - 13, fill: ink('text') };
  return [
    { type: 'line', shape: { x1: x, y1: top, x2: x, y2: at(target, 68)[1] }, style },
    {
      type: 'text',
      style: { ...text, textAlign: target > 0.5 ? 'right' : 'left', fontSize: letters.small, fontFamily: 'inherit' },
    },
  ];
}

/** A bar from lower to upper bound, a dot at the mean; before is hollow, so that the two differ without colour. */
function intervalShapes(at: Place, { mean, lower, upper }: Interval, offset: number, colour: InkName): Shape[] {
  const [from, y] = at(lower, offset);
  const stroke = { stroke: ink(colour), lineWidth: 7, opacity: 0.35, lineCap: 'round' };
  const [x] = at(mean, offset);
  const hollow = colour === 'before';
  const dot = { fill: ink(hollow ? 'paper' : colour), stroke: ink(colour), lineWidth: 2.4 };
  return [
    { type: 'line', shape: { x1: from, y1: y, x2: at(upper, offset)[0], y2: y }, style: stroke },
    { type: 'circle', shape: { cx: x, cy: y, r: 5 }, style: dot },
  ];
}

function described({ name, before, after, target }: Comparison): string {
  const told = (when: string, share: Interval | null) =>
    share ? [`${when} ${percent(share.mean)} ${interval(share)}`] : [];
  const aim = target === null ? [] : [`target ${percent(target)}`];
  return `${name}: ${[...told('before', before), ...told('after', after), ...aim].join(', ')}.`;
}
