import type { QualitySettings } from '../../config/quality.js';

/** What is known of one record's answer. */
export interface QualitySigns {
  /** Trust in its source: 1 is the highest, 0 the lowest. */
  source: number;
  /** Another record contradicts it. */
  conflict: boolean;
  nearDuplicate: boolean;
  /** Share of model runs that agree with the answer; null where none was asked. */
  agreement: number | null;
  /** Repairs of the row at import. */
  repairs: number;
  /** A model wrote or changed the answer. */
  rewritten: boolean;
  /** What a person said of the answer as it stands; null where nobody has. */
  accepted: boolean | null;
  /** Its answer loss after training, in robust deviations from records alike; null before. */
  loss: number | null;
}

export type QualityPart = keyof QualitySettings['costs'];

/** What a person has accepted is not held against the answer again. */
const waivedByPerson: readonly QualityPart[] = ['conflict', 'disagreement', 'rewritten', 'loss'];
const mostRepairs = 3;

const share = (value: number) => (Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 1);

/**
 * How far an answer can be trusted, 0 to 1 in thousandths, and what each finding cost (R15). A refused answer is worth 0.
 * More findings never raise it.
 */
export function qualityOf(
  signs: QualitySigns,
  costs: QualitySettings['costs'],
): { quality: number; parts: { name: QualityPart; cost: number }[] } {
  const grave: Record<QualityPart, number> = {
    source: 1 - share(signs.source),
    conflict: Number(signs.conflict),
    nearDuplicate: Number(signs.nearDuplicate),
    disagreement: signs.agreement === null ? 0 : 1 - share(signs.agreement),
    repair: Math.min(mostRepairs, Math.max(0, signs.repairs)),
    rewritten: Number(signs.rewritten),
    loss: signs.loss === null ? 0 : share((signs.loss - 2) / 2),
  };
  const parts = (Object.keys(grave) as QualityPart[])
    .filter((name) => !(signs.accepted && waivedByPerson.includes(name)))
    .map((name) => ({ name, cost: costs[name] * grave[name] }))
    .filter(({ cost }) => cost > 0);
  const left = 1 - parts.reduce((sum, { cost }) => sum + cost, 0);
  return { quality: signs.accepted === false ? 0 : Math.round(1000 * share(left)) / 1000, parts };
}
