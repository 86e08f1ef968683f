import type { RecordFigures } from '../../../config/probing.js';
import { scoreAnswer } from '../scoring/score.js';
import type { Given, KnownRecord } from './recordFigures.js';

type Figures = Pick<RecordFigures, 'neighbour' | 'run'>;

const shown = 20;
/** Records by which the chance of a fit is estimated; more cost time and change little. */
const sampled = 200;

/**
 * The shift test by one to either side, over all that were asked, and the longest run of wrong answers among the trained
 * ones, both in the order of the source (methods M5). A model learns wrong labels by heart in the end; what it says to
 * pictures that it was not trained on shows the right ones.
 */
export function neighbourFigures(records: readonly KnownRecord[], served: ReadonlyMap<string, Given>): Figures {
  const placed = records.filter(isPlaced).toSorted((a, b) => a.place - b.place);
  const before = shifted(placed, served, 'before');
  const after = shifted(placed, served, 'after');
  const [larger, smaller] =
    before.fits - before.expected >= after.fits - after.expected ? [before, after] : [after, before];
  return {
    neighbour: { ...larger, otherFits: smaller.fits },
    run: longestRun(placed, served),
  };
}

type Placed = KnownRecord & { place: number };

function isPlaced(record: KnownRecord): record is Placed {
  return record.place !== null;
}

function shifted(
  records: readonly Placed[],
  served: ReadonlyMap<string, Given>,
  side: 'before' | 'after',
): Figures['neighbour'] {
  const step = Math.max(1, Math.floor(records.length / sampled));
  const sample = records.filter((_, index) => index % step === 0);
  const fitting: string[] = [];
  let tested = 0;
  let expected = 0;
  let variance = 0;
  for (const [index, { id, kind, question, place }] of records.entries()) {
    const answer = served.get(id);
    const beside = records[side === 'before' ? index - 1 : index + 1];
    const neighbour = beside && Math.abs(beside.place - place) === 1 ? beside : undefined;
    if (!answer || answer.score === 1 || !neighbour || neighbour.question !== question) continue;
    const fits = (other: KnownRecord) => scoreAnswer(kind, other.expected, answer.given).score === 1;
    const alike = sample.filter((other) => other.id !== id && other.question === question);
    if (alike.length === 0) continue;
    const chance = alike.filter(fits).length / alike.length;
    tested += 1;
    expected += chance;
    variance += chance * (1 - chance);
    if (fits(neighbour)) fitting.push(id);
  }
  return {
    tested,
    fits: fitting.length,
    expected,
    deviation: Math.sqrt(variance),
    side: tested > 0 ? side : null,
    ids: fitting.slice(0, shown),
  };
}

/** `chance`: of a run so long among as many records, were the wrong ones spread at random (n p^k, an upper bound). */
function longestRun(records: readonly Placed[], served: ReadonlyMap<string, Given>): Figures['run'] {
  const asked = records.filter(({ id, trained }) => trained && served.has(id));
  let run: string[] = [];
  let longest: string[] = [];
  let wrong = 0;
  for (const { id } of asked) {
    const isWrong = served.get(id)?.score !== 1;
    wrong += isWrong ? 1 : 0;
    run = isWrong ? [...run, id] : [];
    if (run.length > longest.length) longest = run;
  }
  const share = asked.length > 0 ? wrong / asked.length : 0;
  const chance = longest.length === 0 ? 1 : Math.min(1, asked.length * share ** longest.length);
  return { longest: longest.length, chance, ids: longest.slice(0, shown) };
}
