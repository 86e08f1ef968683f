import { z } from 'zod';

/** What may be done to a picture (R7). Each is on only where it is declared, and refused where it could change an answer. */
export const Augment = z.strictObject({
  share: z.number().min(0).max(1).default(1).describe('Share of the training records that get copies.'),
  copies: z.int().min(1).max(8).default(1).describe('Copies of a record, each by one transform.'),
  shift: z
    .number()
    .min(0)
    .max(0.2)
    .optional()
    .describe('Moved by up to this share of the side; nothing leaves the frame.'),
  scale: z.number().min(0).max(0.5).optional().describe('Made smaller by up to this share; the frame stays.'),
  rotate: z.number().min(0).max(15).optional().describe('Turned by up to so many degrees; nothing leaves the frame.'),
  brightness: z.number().min(0).max(0.5).optional().describe('Brighter or darker by up to this share.'),
  contrast: z.number().min(0).max(0.5).optional().describe('More or less contrast by up to this share.'),
  colour: z.number().min(0).max(0.5).optional().describe('Hue turned and saturation changed by up to this share.'),
  jpeg: z.int().min(30).max(95).optional().describe('Stored as JPEG of at least this quality and read again.'),
  blur: z.number().min(0.3).max(3).optional().describe('Blurred by up to this sigma, in pixels.'),
  noise: z.number().min(0).max(20).optional().describe('Noise of up to this standard deviation, of 255.'),
  flip: z.literal('horizontal').optional().describe('Mirrored: only for tasks without text, left and right.'),
  allow: z
    .array(z.string())
    .default([])
    .describe('Names of transforms that are done although the words of a question speak against them.'),
});
export type Augment = z.infer<typeof Augment>;

export const transformNames = [
  'shift',
  'scale',
  'rotate',
  'brightness',
  'contrast',
  'colour',
  'jpeg',
  'blur',
  'noise',
  'flip',
] as const;
export type TransformName = (typeof transformNames)[number];
