/** Whether a source may be used at all: its terms against those that the task allows. */
import type { GenericSource } from '../../../config/genericSources.js';
import { problem } from '../../../config/problems.js';

/** The licence in the head of a dataset card; null where it names none. A list of several counts as all of them. */
export function cardLicence(card: string): string | null {
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? '';
  const inline = /^license:[ \t]*(\S.*)$/m.exec(head)?.[1];
  const listed = /^license:[ \t]*\r?\n((?:[ \t]*-[ \t]+\S.*\r?\n?)+)/m.exec(head)?.[1];
  const names = (inline ?? listed ?? '')
    .split(/[\n,[\]]/)
    .map((name) =>
      name
        .replace(/^[\s-]+/, '')
        .replace(/["'\r]/g, '')
        .trim()
        .toLowerCase(),
    )
    .filter(Boolean);
  return names.length === 0 ? null : names.join(', ');
}

/** Throws `InvalidInput` where a licence, as registered or as the card says, is not among those that are allowed. */
export function requireLicence(
  { id, licence }: Pick<GenericSource, 'id' | 'licence'>,
  card: string | null,
  allowed: readonly string[],
): void {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  // What the registry does not know the card may say.
  const claims = licence === 'unknown' && card !== null ? [card] : [licence, ...(card === null ? [] : [card])];
  const refused = claims.flatMap((claim) => claim.toLowerCase().split(', ')).find((name) => !names.has(name));
  if (refused === undefined) return;
  throw problem('InvalidInput', {
    what: `The generic source "${id}" has the licence ${refused}, which is not among those allowed (${allowed.join(', ')}).`,
    where: 'task.json, key "generic.sources"',
    todo: `Take another source, or add "${refused}" to "generic.licences" where its terms permit your use.`,
  });
}
