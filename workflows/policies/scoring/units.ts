/** One unit: what it measures, and how to reach that dimension's base unit: value · factor + offset. */
interface Unit {
  dimension: string;
  factor: number;
  offset: number;
}

const dimensions: Record<string, Record<string, number>> = {
  length: {
    µm: 1e-6,
    mm: 1e-3,
    cm: 1e-2,
    dm: 0.1,
    m: 1,
    km: 1e3,
    in: 0.0254,
    inch: 0.0254,
    '"': 0.0254,
    ft: 0.3048,
    yd: 0.9144,
    mi: 1609.344,
  },
  mass: { mg: 1e-6, g: 1e-3, kg: 1, t: 1e3, oz: 0.028349523125, lb: 0.45359237, lbs: 0.45359237 },
  time: { ms: 1e-3, s: 1, sec: 1, min: 60, h: 3600, hr: 3600 },
  pressure: { Pa: 1, hPa: 100, kPa: 1e3, MPa: 1e6, mbar: 100, bar: 1e5, psi: 6894.757293168 },
  volume: { ml: 1e-3, mL: 1e-3, cl: 1e-2, dl: 0.1, l: 1, L: 1 },
  speed: { 'm/s': 1, 'km/h': 1 / 3.6, mph: 0.44704 },
  voltage: { mV: 1e-3, V: 1, kV: 1e3 },
  current: { mA: 1e-3, A: 1 },
  power: { mW: 1e-3, W: 1, kW: 1e3, MW: 1e6 },
  energy: { J: 1, kJ: 1e3, Wh: 3600, kWh: 3.6e6 },
  frequency: { Hz: 1, kHz: 1e3, MHz: 1e6 },
  share: { '%': 0.01, percent: 0.01, '‰': 0.001 },
};

const temperatures: Record<string, Unit> = {
  K: { dimension: 'temperature', factor: 1, offset: 0 },
  '°C': { dimension: 'temperature', factor: 1, offset: 273.15 },
  '°F': { dimension: 'temperature', factor: 5 / 9, offset: 459.67 * (5 / 9) },
};

const units = new Map<string, Unit>(Object.entries(temperatures));
for (const [dimension, factors] of Object.entries(dimensions))
  for (const [name, factor] of Object.entries(factors))
    units.set(name.normalize('NFKC'), { dimension, factor, offset: 0 });

/** Whether a word is a unit of the table; letter case counts (mW is not MW). */
export function isUnit(name: string): boolean {
  return units.has(name);
}

const magnitudes = /^(?:k|M|mio|mn|bn|hundred|dozen|thousand|million|billion|trillion|[十百千万萬亿億])s?$/;

/** Whether a word behind a number multiplies it: 5 million are not 5. */
export function isMagnitude(name: string | null): boolean {
  return name !== null && magnitudes.test(name);
}

/** A value of one unit in another; null when they do not measure the same thing, undefined when one is unknown. */
export function convert(value: number, from: string, to: string): number | null | undefined {
  if (from === to) return value;
  const source = units.get(from);
  const target = units.get(to);
  if (!source || !target) return undefined;
  if (source.dimension !== target.dimension) return null;
  return (value * source.factor + source.offset - target.offset) / target.factor;
}

/** What a bare number has to be multiplied with to be read as this share; null for units that are no share. */
export function shareFactor(unit: string): number | null {
  const found = units.get(unit);
  return found?.dimension === 'share' ? found.factor : null;
}
