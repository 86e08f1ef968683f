/** The split of every group: what an earlier build decided, else the hash; a rare class is kept on both sides (M4). */
import { type Split, splitNames } from '../../../config/records.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { splitAt } from './split.js';

export interface GroupFacts {
  /** In [0, 1). */
  fraction: number;
  rows: number;
  /** Where an earlier build put its records. */
  pinned: Split | null;
  /** The one answer that all its rows give, as a handle; null where they differ. */
  answer: number | null;
}

/** A group above this share of at least so many rows stays whole in train, where it does the least harm. */
const giantShare = 0.2;
const giantRows = 100;
/** What a class needs, the most important first. */
const needed = ['train', 'validation', 'test'] as const satisfies readonly Split[];

export interface Assigned {
  splits: Split[];
  /** Groups that are in train since they are so large. */
  giants: number[];
  /** Groups that were moved so that their class is on both sides. */
  moved: number;
}

/** `classes`: whether answers are classes, so that each should be learnt and judged. */
export function assignSplits(
  groups: GroupFacts[],
  shares: RecipeSettings['data']['split'],
  classes: boolean,
): Assigned {
  const total = groups.reduce((sum, { rows }) => sum + rows, 0);
  const giants: number[] = [];
  const splits = groups.map(({ fraction, rows, pinned }, index) => {
    if (pinned) return pinned;
    if (rows < giantRows || rows <= giantShare * total) return splitAt(fraction, shares);
    giants.push(index);
    return 'train';
  });
  const moved = classes ? keepRareClasses(groups, splits, shares) : 0;
  return { splits, giants, moved };
}

/** Moves the fewest groups so that a class of two has train and validation, and one of three or more all of the three. */
function keepRareClasses(groups: GroupFacts[], splits: Split[], shares: RecipeSettings['data']['split']): number {
  const wanted = needed.filter((name) => shares[name] > 0);
  let moved = 0;
  for (const members of groupsByAnswer(groups)) {
    if (members.length < 2) continue;
    const sides = wanted.slice(0, members.length);
    for (const name of sides) {
      if (members.some((index) => splits[index] === name)) continue;
      const donor = donorOf(members, groups, splits, sides);
      if (donor === undefined) continue;
      splits[donor] = name;
      moved += 1;
    }
  }
  return moved;
}

function groupsByAnswer(groups: GroupFacts[]): Iterable<number[]> {
  const members = new Map<number, number[]>();
  for (const [index, { answer }] of groups.entries()) {
    if (answer === null) continue;
    const list = members.get(answer);
    if (list) list.push(index);
    else members.set(answer, [index]);
  }
  return members.values();
}

/** From the split that has most of the class, the group whose fraction is least. */
function donorOf(
  members: number[],
  groups: GroupFacts[],
  splits: Split[],
  sides: readonly Split[],
): number | undefined {
  const counts = new Map<Split, number>(splitNames.map((name) => [name, 0]));
  for (const index of members) counts.set(splits[index] as Split, (counts.get(splits[index] as Split) ?? 0) + 1);
  const spare = (name: Split) => (counts.get(name) ?? 0) > 1 || !sides.includes(name);
  const movable = members.filter((index) => !groups[index]?.pinned && spare(splits[index] as Split));
  return movable.sort(
    (one, other) =>
      (counts.get(splits[other] as Split) ?? 0) - (counts.get(splits[one] as Split) ?? 0) ||
      (groups[one]?.fraction ?? 0) - (groups[other]?.fraction ?? 0),
  )[0];
}
