/** A bounded sample of the multiple-choice variants that a build makes, and whether their options give the answer away. */
import type { Decision } from '../../../config/decisions.js';
import type { TaskRecord } from '../../../config/records.js';
import { guessability } from '../../../workflows/policies/guessability.js';
import { type ProbeItem, probeItemOf, probeOptions } from './optionsProbe.js';
import { Smallest } from './smallest.js';

/** As many as make five points over chance surely seen (methods M4), and the probe takes seconds. */
const sampled = 2000;

export class ChoiceSample {
  private readonly items = new Smallest<ProbeItem | null>(sampled);

  /** Takes in a variant; other records are passed over. */
  add(record: TaskRecord): void {
    const item = probeItemOf(record);
    if (item) this.items.at(record.id, () => item);
  }

  /**
   * `guessable` where the options alone tell the answer. Otherwise it cannot be told without a model, which the other two
   * probes ask. Null where there is no multiple choice.
   */
  verdict(seed: number): Decision<'fair' | 'guessable' | 'cannotTell'> | null {
    const items = this.items.kept().flatMap(([, item]) => item ?? []);
    return items.length === 0 ? null : guessability({ optionsAlone: probeOptions(items, seed) });
  }
}
