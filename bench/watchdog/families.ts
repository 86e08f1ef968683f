/** Shapes of validation and generic loss whose truth is known: what methods M7 has, and shapes that its rule was not made on. */

/** What happens in a run: nothing bad, overfitting to the training set (R11) or to the niche (R16), from a point on. */
export type Truth = { state: 'healthy' } | { state: 'overfit' | 'niche'; from: number };

export interface Family {
  about: string;
  /** False for the five shapes that methods M7 chose its thresholds on. */
  unseen: boolean;
  truth: Truth;
  /** Losses without noise at point t, from 0. */
  validation(t: number): number;
  generic(t: number): number;
  /** Heavy tails: Student's t with 3 degrees of freedom in place of the normal distribution. */
  heavyTails?: true;
}

const healthy: Truth = { state: 'healthy' };
const flat = () => 1;
const decays = (floor: number, height: number, points: number) => (t: number) => floor + height * Math.exp(-t / points);

/** Points of a run, three an epoch. */
export const length = 30;

export const families = {
  plateau: { about: 'plateau', unseen: false, truth: healthy, validation: decays(0.3, 0.5, 4), generic: flat },
  earlyJump: {
    about: 'generic jumps 3 % early, then flat',
    unseen: false,
    truth: healthy,
    validation: decays(0.3, 0.5, 4),
    generic: (t) => 1 + 0.03 * Math.min(1, t / 3),
  },
  slowGain: { about: 'slow gain', unseen: false, truth: healthy, validation: (t) => 0.8 - t / 60, generic: flat },
  turns: {
    about: 'validation turns at 12',
    unseen: false,
    truth: { state: 'overfit', from: 12 },
    validation: (t) => (t <= 12 ? 0.8 - t / 30 : 0.4 + 0.02 * (t - 12)),
    generic: flat,
  },
  niche: {
    about: 'validation falls, generic rises from 8',
    unseen: false,
    truth: { state: 'niche', from: 8 },
    validation: decays(0.3, 0.5, 8),
    generic: (t) => 1 + 0.01 * Math.max(0, t - 8),
  },
  bump: {
    about: 'validation rises 4 % from 10 to 13, then falls on',
    unseen: true,
    truth: healthy,
    validation: (t) => decays(0.3, 0.5, 6)(t) + 0.016 * Math.exp(-(((t - 13) / 2) ** 2)),
    generic: flat,
  },
  stairs: {
    about: 'validation falls at epoch borders only',
    unseen: true,
    truth: healthy,
    validation: (t) => decays(0.3, 0.5, 2)(Math.floor(t / 3)) + 0.004 * (t % 3),
    generic: flat,
  },
  recovers: {
    about: 'generic rises 4 % until 5, back at 1 % by 15',
    unseen: true,
    truth: healthy,
    validation: decays(0.3, 0.5, 4),
    generic: (t) => 1 + (t <= 5 ? 0.008 * t : 0.01 + 0.03 * Math.exp(-(t - 5) / 4)),
  },
  heavyTails: {
    about: 'plateau, noise with heavy tails',
    unseen: true,
    truth: healthy,
    validation: decays(0.3, 0.5, 4),
    generic: flat,
    heavyTails: true,
  },
  slowTurn: {
    about: 'validation turns at 8, ever slower',
    unseen: true,
    truth: { state: 'overfit', from: 8 },
    validation: (t) => (t <= 8 ? 0.8 - 0.05 * t : 0.4 + 0.05 * Math.log1p((t - 8) / 2)),
    generic: flat,
  },
  lateNiche: {
    about: 'generic rises ever faster from 12',
    unseen: true,
    truth: { state: 'niche', from: 12 },
    validation: decays(0.3, 0.5, 8),
    generic: (t) => 1 + 0.02 * Math.expm1(Math.max(0, t - 12) / 6),
  },
  both: {
    about: 'both rise from 10',
    unseen: true,
    truth: { state: 'overfit', from: 10 },
    validation: (t) => (t <= 10 ? 0.8 - 0.04 * t : 0.4 + 0.012 * (t - 10)),
    generic: (t) => 1 + 0.006 * Math.max(0, t - 10),
  },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;
export const familyNames = Object.keys(families) as FamilyName[];
