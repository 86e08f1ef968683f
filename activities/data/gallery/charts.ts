/** Histograms as drawings that need no script. */
import { grid, letters } from '../../report/charts/axes.js';
import { draw } from '../../report/charts/draw.js';
import { ink } from '../../report/charts/palette.js';
import { count } from '../../report/format.js';
import { type Html, html } from '../../report/html.js';
import type { Histogram } from './view.js';

const size = { width: 420, height: 190 };
const label = { color: ink('text'), fontSize: letters.small };

export function histogram({ id, title, about, bins }: Histogram): Html {
  const narrow = bins.every(({ from, to }) => to - from === 1);
  const names = bins.map(({ from, to }) => (narrow ? count(from) : `${count(from)}–${count(to - 1)}`));
  const largest = bins.reduce((most, bin) => (bin.count > most.count ? bin : most));
  const described = `Most often ${count(largest.from)} to ${count(largest.to - 1)}: ${count(largest.count)} times.`;
  const option = {
    grid: { ...grid, top: 14, bottom: 30 },
    xAxis: {
      type: 'category',
      data: names,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: ink('grid') } },
      axisLabel: { ...label, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      splitNumber: 3,
      minInterval: 1,
      splitLine: { lineStyle: { color: ink('grid') } },
      axisLabel: label,
    },
    series: [
      {
        type: 'bar',
        data: bins.map((bin) => bin.count),
        barCategoryGap: '12%',
        barMaxWidth: 60,
        itemStyle: { color: ink('blue') },
      },
    ],
  };
  const drawing = draw({ id: `chart-${id}`, title, description: described, ...size, option });
  return html`<figure>${drawing}<figcaption><b>${title}</b>${about}</figcaption></figure>`;
}
