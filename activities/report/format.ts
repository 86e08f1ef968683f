/** Figures as people read them. Per cent with one decimal, intervals as [lower, upper], durations in words. */

/** A space that no line breaks at, before a unit. */
const space = '\u00a0';

/** 0.9781 → 97.8 %. */
export function percent(share: number): string {
  return `${percentFigure(share)}${space}%`;
}

function percentFigure(share: number): string {
  return (share * 100).toFixed(1);
}

/** The 95 % interval of a share in per cent: [96.2, 98.9]. */
export function interval({ lower, upper }: { lower: number; upper: number }): string {
  return `[${percentFigure(lower)},${space}${percentFigure(upper)}]`;
}

/** A difference of two shares in points, with its sign: +73.5. */
export function points(difference: number): string {
  const figure = (difference * 100).toFixed(1);
  return difference < 0 ? figure.replace('-', '−') : `+${figure}`;
}

/** 1797 → 1,797. */
export function count(number: number): string {
  return number.toLocaleString('en-GB');
}

/** One of many things: 1 item, 1,797 items. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Any figure in three digits, large ones whole, small ones as powers of ten. */
export function figure(number: number): string {
  if (!Number.isFinite(number)) return 'not a number';
  const size = Math.abs(number);
  if (Number.isInteger(number) || size >= 1000) return count(Math.round(number));
  if (size < 0.001) return rate(number);
  return String(Number(number.toPrecision(size < 100 ? 3 : 4)));
}

/** A learning rate as it is written in settings: 0.00001 → 1e-5, 0.002 → 2e-3. */
export function rate(number: number): string {
  return Number(number.toPrecision(3)).toExponential().replace('e+', 'e');
}

/** 0.42 s, 12 s, 4 min 12 s, 2 h 5 min, 3 d 4 h. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))}${space}s`;
  const whole = Math.round(seconds);
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const largest = units.findIndex(([size]) => whole >= size);
  const shown = units.slice(largest, largest + 2).map(([size, unit], index) => {
    const above = units[largest + index - 1]?.[0];
    const amount = Math.floor((index === 0 || above === undefined ? whole : whole % above) / size);
    return amount === 0 && index > 0 ? '' : `${amount}${space}${unit}`;
  });
  return shown.join(' ').trim();
}

/** Hours that something was kept busy, for costs: 0.42 h. */
export function hours(seconds: number): string {
  return `${(seconds / 3600).toFixed(2)}${space}h`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An ISO time as 25 Nov 2026, 03:14 UTC; text that is no time is shown as it is. */
export function moment(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const clock = at.toISOString().slice(11, 16);
  return `${at.getUTCDate()}${space}${months[at.getUTCMonth()]}${space}${at.getUTCFullYear()}, ${clock}${space}UTC`;
}

/** Seconds between two ISO times; null where one is none. */
export function secondsBetween(from: string, to: string): number | null {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** genericBudget → generic budget; mix/10-1 stays. */
export function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}

/** A sentence with no line break between a figure and its per cent sign. */
export function prose(text: string): string {
  return text.replace(/(\d) %/g, `$1${space}%`);
}

/** canRepeat → Can repeat. */
export function titled(name: string): string {
  const told = words(name);
  return told.charAt(0).toUpperCase() + told.slice(1);
}

/** The first so many characters, with an ellipsis where more were. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
