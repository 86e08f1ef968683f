/** Pictures that look the same, among those of the sample. Pure: small pictures in, groups of them out. */

/** A picture made so small that only its look is left. */
export interface Look {
  src: string;
  /** Width times height times three levels of 0 to 255. */
  levels: Uint8Array;
}

/** Mean difference of levels up to which two pictures look the same. */
const alikeLevels = 3;

/** Groups of two or more, each in the order given. */
export function lookAlikes(looks: readonly Look[]): Look[][] {
  const groupOf = looks.map((_, index) => index);
  const rootOf = (index: number): number => {
    const above = groupOf[index] ?? index;
    return above === index ? index : rootOf(above);
  };
  for (const [index, look] of looks.entries())
    for (let other = 0; other < index; other += 1)
      if (alike(look, looks[other])) groupOf[rootOf(index)] = rootOf(other);
  const groups = new Map<number, Look[]>();
  for (const [index, look] of looks.entries()) {
    const root = rootOf(index);
    groups.set(root, [...(groups.get(root) ?? []), look]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

function alike({ levels }: Look, other: Look | undefined): boolean {
  if (!other) return false;
  const most = alikeLevels * levels.length;
  let difference = 0;
  for (let index = 0; index < levels.length; index += 1) {
    difference += Math.abs((levels[index] ?? 0) - (other.levels[index] ?? 0));
    if (difference > most) return false;
  }
  return true;
}
