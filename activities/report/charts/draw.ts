/** Draws by ECharts without a browser. Knows nothing of what is drawn. */
import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { type Html, html, trusted } from '../html.js';

use([BarChart, LineChart, CustomChart, GridComponent, MarkLineComponent, SVGRenderer]);

export interface Drawing {
  /** Unique in the page. */
  id: string;
  /** What it shows, and what is to be seen in it: for readers who do not see it. */
  title: string;
  description: string;
  /** Size in pixels; shown at that size or smaller. */
  width: number;
  height: number;
  option: EChartsCoreOption;
}

/** One SVG element. The same drawing gives the same text. */
export function draw({ id, title, description, width, height, option }: Drawing): Html {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ ...option, animation: false, textStyle: { fontFamily: 'inherit' } });
    const inside = tidied(chart.renderToSVGString({ useViewBox: true }), id);
    return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-description"><title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>${trusted(inside)}</svg>`;
  } finally {
    chart.dispose();
  }
}

/** The content of ECharts' svg element without what only its scripts use, its ids made the drawing's own. */
function tidied(svg: string, id: string): string {
  return svg
    .replace(/^<svg[^>]*>/, '')
    .replace(/<\/svg>\s*$/, '')
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/\n+/g, '\n');
}
