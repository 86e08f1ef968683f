/** Finds a frame that was put round a picture, so that a copy with a border is known by what is inside it. */
import type { Box, Rgb } from './areas.js';

/** A frame is at most this share of the shorter side: a wider plain margin is part of the picture. */
const widest = 0.08;
/** Mean difference of the outermost lines from the frame's colour, in levels of 255. */
const plain = 12;
/** The same of the innermost line of a frame, since JPEG lets the picture shine into it, and how far it leaps there. */
const shining = 24;
const leap = 30;

const sides = ['top', 'bottom', 'left', 'right'] as const;
type Side = (typeof sides)[number];

interface Line {
  side: Side;
  /** Counted from that side, from 0. */
  line: number;
  /** Of the frame. */
  colour: number[];
}

/** The picture without its frame: plain lines, as many on every side, that end where the picture begins at once. */
export function withoutFrame(picture: Rgb): Box {
  const { width, height } = picture;
  const thickness = frameOf(picture);
  return { left: thickness, top: thickness, right: width - thickness, bottom: height - thickness };
}

/** The line at which the mean of the four sides leaps most; 0 where no frame is. */
function frameOf(picture: Rgb): number {
  const colour = [0, 1, 2].map((channel) => meanOfTop(picture, channel));
  const difference = (side: Side, line: number) => differenceAt(picture, { side, line, colour });
  if (sides.some((side) => difference(side, 0) > plain)) return 0;
  const most = Math.floor(Math.min(picture.width, picture.height) * widest);
  const differences = Array.from(
    { length: most + 1 },
    (_, line) => sides.reduce((sum, side) => sum + difference(side, line), 0) / sides.length,
  );
  let [found, largest] = [0, leap];
  for (let line = 1; line <= most; line += 1) {
    const before = differences[line - 1] as number;
    if (before > shining) break;
    const leaps = (differences[line] as number) - before;
    if (leaps >= largest) [found, largest] = [line, leaps];
  }
  return found;
}

/** Of one line, since JPEG changes single pixels, those of the corners above all. */
function meanOfTop({ rgb, width }: Rgb, channel: number): number {
  let sum = 0;
  for (let at = channel; at < width * 3; at += 3) sum += rgb[at] as number;
  return sum / width;
}

/** Mean difference of a line from the frame's colour. */
function differenceAt({ rgb, width, height }: Rgb, { side, line, colour }: Line): number {
  const across = side === 'top' || side === 'bottom';
  const [length, lines] = across ? [width, height] : [height, width];
  const [step, pitch] = across ? [3, width * 3] : [width * 3, 3];
  const index = side === 'top' || side === 'left' ? line : lines - 1 - line;
  let difference = 0;
  for (let channel = 0; channel < 3; channel += 1) {
    const expected = colour[channel] as number;
    const end = index * pitch + length * step;
    for (let at = index * pitch + channel; at < end; at += step) difference += Math.abs((rgb[at] as number) - expected);
  }
  return difference / (3 * length);
}
