/** Pictures for the tests of checks. */
import sharp, { type Sharp } from 'sharp';

export async function pixelsOf(picture: Sharp): Promise<{ rgb: Buffer; width: number; height: number }> {
  const { data, info } = await picture
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    // Flattening comes before a composition in sharp's order of work, and that brings alpha back.
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

/** A disc of radius 22 on a plain ground of 128 by 128 pixels. */
export function disc({ x, y, colour }: { x: number; y: number; colour: string }): Sharp {
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128"><rect width="128" height="128" fill="#e8e8e0"/>` +
        `<circle cx="${x}" cy="${y}" r="22" fill="${colour}"/></svg>`,
    ),
  );
}

/** 120 by 90 pixels of RGB: a few waves whose directions and colours a seed decides. */
export function noisy(seed: number): Buffer {
  const rgb = Buffer.alloc(120 * 90 * 3);
  for (let y = 0; y < 90; y += 1)
    for (let x = 0; x < 120; x += 1)
      for (let channel = 0; channel < 3; channel += 1) {
        const waves = [1, 2, 3].map((n) =>
          Math.sin(seed * n * 1.7 + x * Math.cos(seed * n) * 0.13 + y * Math.sin(seed * n + channel) * 0.11),
        );
        rgb[(y * 120 + x) * 3 + channel] = 128 + 35 * waves.reduce((sum, wave) => sum + wave, 0);
      }
  return rgb;
}

/** The same picture with a small spot somewhere, as a form is filled in. */
export function spotted({ x, y }: { x: number; y: number }): Sharp {
  const spot = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><circle cx="8" cy="8" r="5" fill="#505050"/></svg>`;
  return sharp(noisy(2), { raw: { width: 120, height: 90, channels: 3 } }).composite([
    { input: Buffer.from(spot), left: x, top: y - 8 },
  ]);
}
