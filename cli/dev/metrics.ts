/** Where the workers of one engine tell their metrics: each at a port of its own, one after the other. */
import { problem } from '../../config/problems.js';

/** The address of the worker at this place in the row; `given` is that of the first, such as 127.0.0.1:9464. Throws InvalidInput. */
export function metricsAddress(given: string, place: number): string {
  const [, host = '', digits = ''] = /^(\[[\da-f:]+\]|[\w.-]+):(\d+)$/i.exec(given) ?? [];
  const port = Number(digits) + place;
  if (host !== '' && port >= 1 && port <= 65_535) return `${host}:${port}`;
  throw problem('InvalidInput', {
    what: `"${given}" is no address for metrics.`,
    where: '--metrics or the variable ANNEAL_METRICS',
    todo: 'Write host and port, such as 127.0.0.1:9464; the workers take that port and the three after it.',
  });
}
