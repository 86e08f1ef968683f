/** Finds a frame that was put round a picture, so that a copy with a border is known by what is inside it. */
import type { Box, Rgb } from './areas.js';

/** A frame is at most this share of a side: a wider plain margin is part of the picture. */
const widest = 0.12;
/** Mean difference from the frame's colour in levels of 255: JPEG lets the picture shine into its frame. */
const plain = 12;

/** The picture without its frame: plain rows and columns at all four sides, of one colour and nearly one thickness. */
export function withoutFrame(picture: Rgb): Box {
  const { width, height } = picture;
  const whole = { left: 0, top: 0, right: width, bottom: height };
  const most = Math.floor(Math.min(width, height) * widest);
  const thicknesses: number[] = [];
  for (const side of ['top', 'bottom', 'left', 'right'] as const) {
    const thickness = plainLines(picture, side, most + 1);
    // Of a margin that does not end where a frame must, no one can say where it begins.
    if (thickness === 0 || thickness > most) return whole;
    thicknesses.push(thickness);
  }
  const [top = 0, bottom = 0, left = 0, right = 0] = thicknesses;
  const thinnest = Math.min(...thicknesses);
  if (Math.max(...thicknesses) - thinnest > Math.max(1, thinnest / 2)) return whole;
  return { left, top, right: width - right, bottom: height - bottom };
}

/** How many lines, counted from one side, have the colour of the first pixel. */
function plainLines({ rgb, width, height }: Rgb, side: 'top' | 'bottom' | 'left' | 'right', most: number): number {
  const across = side === 'top' || side === 'bottom';
  const [length, lines, step, pitch] = across ? [width, height, 3, width * 3] : [height, width, width * 3, 3];
  for (let line = 0; line < most; line += 1) {
    const index = side === 'top' || side === 'left' ? line : lines - 1 - line;
    let difference = 0;
    for (let channel = 0; channel < 3; channel += 1) {
      const frame = rgb[channel] as number;
      const end = index * pitch + length * step;
      for (let at = index * pitch + channel; at < end; at += step) difference += Math.abs((rgb[at] as number) - frame);
    }
    if (difference > plain * 3 * length) return line;
  }
  return most;
}
