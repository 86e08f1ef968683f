/** Pictures with some variety of content, drawn by a seed: grounds, shapes and strokes of many sizes and colours. */
import sharp from 'sharp';
import { Random } from './random.js';

export const kindsOfShape = ['circle', 'square', 'triangle', 'ring', 'star', 'stripe'] as const;
export type ShapeKind = (typeof kindsOfShape)[number];

export interface Scene {
  width: number;
  height: number;
  svg: string;
  /** How many shapes of each kind are in it: what a question can be asked about. */
  shapes: Record<ShapeKind, number>;
}

/** The scene of a seed. Equal seeds give equal pictures. */
export function sceneOf(seed: number): Scene {
  const random = new Random(seed);
  for (let warm = 0; warm < 3; warm += 1) random.next();
  const [width, height] = [random.whole(96, 320), random.whole(96, 320)];
  const shapes = { circle: 0, square: 0, triangle: 0, ring: 0, star: 0, stripe: 0 };
  const drawn = [ground(random, width, height)];
  for (let count = random.whole(3, 14); count > 0; count -= 1) {
    const kind = random.of(kindsOfShape);
    shapes[kind] += 1;
    drawn.push(shape(random, kind, width, height));
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`;
  return { width, height, svg, shapes };
}

/** The pixels of a scene: RGB, 8 bits. Some scenes are grainy, as photographs are. */
export async function drawScene(seed: number): Promise<{ rgb: Buffer; width: number; height: number }> {
  const { svg } = sceneOf(seed);
  const { data, info } = await sharp(Buffer.from(svg))
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const random = new Random(seed ^ 0x5eed);
  const grain = random.chance(0.5) ? random.between(2, 14) : 0;
  if (grain > 0)
    for (let at = 0; at < data.length; at += 1) data[at] = byte((data[at] ?? 0) + random.between(-grain, grain));
  return { rgb: data, width: info.width, height: info.height };
}

export function byte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

function colour(random: Random): string {
  return `rgb(${random.whole(0, 255)},${random.whole(0, 255)},${random.whole(0, 255)})`;
}

function ground(random: Random, width: number, height: number): string {
  const whole = `width="${width}" height="${height}"`;
  if (random.chance(0.3)) return `<rect ${whole} fill="${colour(random)}"/>`;
  const [x, y] = [random.next(), random.next()];
  const stops = [0, 0.5, 1].map((at) => `<stop offset="${at}" stop-color="${colour(random)}"/>`).join('');
  const gradient = random.chance(0.5)
    ? `<linearGradient id="g" x1="${x}" y1="${y}" x2="${1 - x}" y2="${1 - y}">${stops}</linearGradient>`
    : `<radialGradient id="g" cx="${x}" cy="${y}" r="0.8">${stops}</radialGradient>`;
  return `<defs>${gradient}</defs><rect ${whole} fill="url(#g)"/>`;
}

function shape(random: Random, kind: ShapeKind, width: number, height: number): string {
  const size = random.between(0.06, 0.28) * Math.min(width, height);
  const at = [random.between(0, width), random.between(0, height)] as const;
  const turn = `transform="translate(${at.map((each) => each.toFixed(1)).join(',')}) rotate(${random.whole(0, 359)})"`;
  const fill = `fill="${colour(random)}" fill-opacity="${random.between(0.75, 1).toFixed(2)}"`;
  if (kind === 'circle') return `<ellipse ${turn} rx="${size}" ry="${size * random.between(0.6, 1)}" ${fill}/>`;
  if (kind === 'square')
    return `<rect ${turn} x="${-size}" y="${-size / 2}" width="${2 * size}" height="${size * random.between(1, 2)}" ${fill}/>`;
  if (kind === 'triangle') return `<polygon ${turn} points="${corners(3, size, size)}" ${fill}/>`;
  if (kind === 'star') return `<polygon ${turn} points="${corners(10, size, size * 0.45)}" ${fill}/>`;
  const stroke = `fill="none" stroke="${colour(random)}" stroke-width="${(size * random.between(0.1, 0.4)).toFixed(1)}"`;
  if (kind === 'ring') return `<circle ${turn} r="${size}" ${stroke}/>`;
  const bend = random.between(-size, size);
  return `<path ${turn} d="M ${-2 * size} 0 Q 0 ${bend} ${2 * size} 0" ${stroke}/>`;
}

function corners(count: number, outer: number, inner: number): string {
  return Array.from({ length: count }, (_, index) => {
    const radius = index % 2 === 0 || count === 3 ? outer : inner;
    const angle = (2 * Math.PI * index) / count;
    return `${(radius * Math.cos(angle)).toFixed(1)},${(radius * Math.sin(angle)).toFixed(1)}`;
  }).join(' ');
}
