/** How a fake endpoint misbehaves, by the digest of the picture: the same pictures meet the same faults in every run. */
import { z } from 'zod';

export const faultKinds = [
  'slowDown', // 429 with Retry-After
  'slowDownBare', // 429 without
  'unavailable', // 503, an HTML page
  'error', // 500
  'cut', // the connection ends after half the body
  'notJson', // 200, and a body that is none
  'errorInside', // 200, and an error object
  'late', // right, but late
  'refusal', // 200 with a refusal in place of content
  'filtered', // 200, ended by the content filter
  'length', // 200, cut at the token limit
  'empty', // 200 with an empty text
  'policy', // 400, content policy
  'tooLarge', // 413
] as const;
export type FaultKind = (typeof faultKinds)[number];

export const FaultRule = z.strictObject({
  kind: z.enum(faultKinds),
  perMille: z.number().positive().describe('So many of a thousand pictures.'),
  times: z.int().positive().nullable().describe('The picture’s first so many calls; null is every call.'),
});
export type FaultRule = z.infer<typeof FaultRule>;

export const FakeOptions = z.strictObject({
  rules: z.array(FaultRule).default([]),
  milliseconds: z.number().nonnegative().default(0).describe('Until each reply.'),
  lateMilliseconds: z.number().nonnegative().default(200).describe('Until a late one.'),
});
export type FakeOptions = z.infer<typeof FakeOptions>;

/** What passes, a little of each, and what lasts. */
export const misbehaving: FaultRule[] = [
  { kind: 'slowDown', perMille: 1, times: 1 },
  { kind: 'slowDownBare', perMille: 1, times: 1 },
  { kind: 'unavailable', perMille: 2, times: 1 },
  { kind: 'error', perMille: 2, times: 1 },
  { kind: 'cut', perMille: 2, times: 1 },
  { kind: 'notJson', perMille: 1, times: 1 },
  { kind: 'errorInside', perMille: 1, times: 1 },
  { kind: 'late', perMille: 2, times: 1 },
  { kind: 'refusal', perMille: 3, times: null },
  { kind: 'filtered', perMille: 1, times: null },
  { kind: 'length', perMille: 2, times: null },
  { kind: 'empty', perMille: 1, times: null },
  { kind: 'policy', perMille: 2, times: null },
  { kind: 'tooLarge', perMille: 1, times: null },
];

/** The fault that a picture's call meets; null for an answer. `digest` in hex, `call` counts from 1. */
export function faultOf(digest: string, call: number, rules: readonly FaultRule[]): FaultKind | null {
  const draw = (Number.parseInt(digest.slice(0, 8), 16) / 0x1_0000_0000) * 1000;
  let upTo = 0;
  for (const { kind, perMille, times } of rules) {
    upTo += perMille;
    if (draw < upTo) return times === null || call <= times ? kind : null;
  }
  return null;
}

const words = [
  ...['amber', 'azure', 'brown', 'coral', 'crimson', 'golden', 'grey', 'ivory'],
  ...['lilac', 'maroon', 'navy', 'olive', 'orange', 'pink', 'scarlet', 'teal'],
];

/** A caption of its own for each picture, 39 words, no run of five twice. */
export function captionOf(digest: string): string {
  const word = (at: number) => words[Number.parseInt(digest[at] ?? '0', 16)] ?? '';
  return (
    `This picture shows a ${word(0)} field that turns ${word(1)} towards its left edge, with ${word(2)} stripes across. ` +
    `Near the top lies a ${word(3)} band, while ${word(4)} dots fill the middle. ` +
    `Below them one sees ${word(5)}, ${word(6)} and ${word(7)} patches; number ${Number.parseInt(digest.slice(0, 12), 16)} is written there.`
  );
}
