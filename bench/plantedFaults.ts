/** Planted faults: how many of each kind the checks find, and what they find that was not planted. */
import path from 'node:path';
import { writeJson } from '../activities/storage/files.js';
import { problem } from '../config/problems.js';
import { bench, type Measured, positive, tell } from './lib/bench.js';
import { buildTask } from './lib/builtTask.js';
import { type Planted, writePlanted } from './planted/dataset.js';
import { type Findings, findingsOf } from './planted/findings.js';
import { flatSets } from './planted/flatSets.js';
import { exactKinds, plantedSets } from './planted/kinds.js';

const about = `Makes a dataset with planted faults of every kind, builds it, and counts what the checks find.

  --records N   records of the dataset (5000)
  --faults N    planted ones among them (200)
  --set A|B     A: the kinds and seeds that the thresholds were chosen by. B: other seeds and other kinds (B)`;

const aims = { near: 0.95, falseAlarms: 0.01 };

await bench(
  {
    name: 'plantedFaults',
    about,
    options: {
      records: { type: 'string', default: '5000' },
      faults: { type: 'string', default: '200' },
      set: { type: 'string', default: 'B' },
    },
  },
  async ({ values, folder }) => {
    const set = values.set === 'A' || values.set === 'B' ? plantedSets[values.set] : null;
    if (set === null)
      throw problem('InvalidInput', { what: `There is no set "${values.set}".`, where: '--set', todo: 'Name A or B.' });
    const wanted = { records: positive('--records', values.records), faults: positive('--faults', values.faults) };
    const task = path.join(folder, 'task');
    tell(`writing ${wanted.records} records, ${wanted.faults} of them planted`);
    const planted = await writePlanted(task, set, wanted);
    await writeJson(path.join(folder, 'planted.json'), planted);
    tell('building');
    const built = await buildTask(task);
    tell('checking');
    const findings = await findingsOf(built.folder);
    const rows = tableOf(planted, findings, Object.keys(set.near), Object.keys(set.beyond));
    const flat = await flatSets(path.resolve('examples', 'digits', 'records.jsonl'));
    return measured({ rows, flat, findings, records: wanted.records });
  },
);

interface KindRow {
  kind: string;
  aim: 'all' | 'near' | 'none';
  planted: number;
  found: number;
  falseAlarms: number;
}

function tableOf(planted: Planted[], findings: Findings, near: string[], beyond: string[]): KindRow[] {
  const of = (kind: string) => planted.filter((each) => each.kind === kind);
  const row = (
    kind: string,
    aim: KindRow['aim'],
    isFound: (each: Planted) => boolean,
    falseAlarms: number,
  ): KindRow => {
    const those = of(kind);
    return { kind, aim, planted: those.length, found: those.filter(isFound).length, falseAlarms };
  };
  const reasons = exactKinds.slice(0, 10).map((kind) => {
    const lines = findings.byReason.get(kind) ?? new Set<number>();
    const known = new Set(of(kind).map(({ line }) => line));
    // A merged row points at the earlier of the two, whichever of them was planted.
    for (const { partner } of kind === 'sameRecord' ? of(kind) : []) if (partner !== null) known.add(partner);
    const isFound = ({ line, partner }: Planted) =>
      lines.has(line) || (kind === 'sameRecord' && lines.has(partner ?? 0));
    return row(kind, 'all', isFound, [...lines].filter((line) => !known.has(line)).length);
  });
  const { groups } = findings;
  // A near copy is one picture with its original, and the two are described differently: those are contradictions too.
  const copies = [...near, ...beyond].flatMap(of).filter(inOneOf(groups)).length;
  const conflicts = findings.checks.conflicts - 2 * copies;
  const conflictRow = row('conflict', 'all', () => false, Math.max(0, conflicts - 2 * of('conflict').length));
  const tied = planted.filter(({ partner }) => partner !== null);
  return [
    ...reasons,
    row('samePicture', 'all', inOneOf(groups), 0),
    row('sameGroup', 'all', (each) => inOneOf(groups)(each) && sameSplit(each, findings), 0),
    { ...conflictRow, found: Math.max(0, Math.min(conflictRow.planted, Math.floor(conflicts / 2))) },
    ...near.map((kind) => row(kind, 'near', inOneOf(groups), 0)),
    { kind: 'same or near pictures, false', aim: 'near', planted: 0, found: 0, falseAlarms: strangers(groups, tied) },
    row('nearText', 'near', inOneOf(findings.nearTexts), strangers(findings.nearTexts, tied)),
    row('oddLanguage', 'near', ({ line }) => foreign(findings).has(line), others(foreign(findings), of('oddLanguage'))),
    row(
      'personalData',
      'near',
      ({ line }) => findings.personal.has(line),
      others(findings.personal, of('personalData')),
    ),
    ...beyond.map((kind) => row(kind, 'none', inOneOf(groups), 0)),
  ];
}

function inOneOf(clusters: number[][]): (each: Planted) => boolean {
  return ({ line, partner }) => clusters.some((lines) => lines.includes(line) && lines.includes(partner ?? line));
}

/** Lines in a cluster with none that they were planted with. */
function strangers(clusters: number[][], planted: Planted[]): number {
  const partnerOf = new Map(
    planted.flatMap(
      ({ line, partner }) =>
        [
          [line, partner],
          [partner, line],
        ] as [number, number][],
    ),
  );
  return clusters.flatMap((lines) => lines.filter((line) => !lines.includes(partnerOf.get(line) ?? -1))).length;
}

function others(lines: Iterable<number>, planted: Planted[]): number {
  const known = new Set(planted.map(({ line }) => line));
  return [...lines].filter((line) => !known.has(line)).length;
}

function sameSplit({ line, partner }: Planted, { splits }: Findings): boolean {
  return partner !== null && splits.get(line) !== undefined && splits.get(line) === splits.get(partner);
}

function foreign({ languages }: Findings): Set<number> {
  return new Set([...languages].filter(([, language]) => language !== 'en').map(([line]) => line));
}

function measured(of: { rows: KindRow[]; flat: KindRow[]; findings: Findings; records: number }): Measured {
  const { rows, flat, findings, records } = of;
  const sum = (aim: KindRow['aim'], what: 'planted' | 'found') =>
    rows.filter((row) => row.aim === aim).reduce((total, row) => total + row[what], 0);
  const pictures = rows.filter(
    ({ aim, kind }) => aim === 'near' && !['nearText', 'oddLanguage', 'personalData'].includes(kind),
  );
  const share = (list: KindRow[]) =>
    list.reduce((total, row) => total + row.found, 0) /
    Math.max(
      1,
      list.reduce((total, row) => total + row.planted, 0),
    );
  const falseAlarms = rows.reduce((total, row) => total + row.falseAlarms, 0) / records;
  const { read, used, merged, rejected } = findings.counts;
  const text = (row: KindRow) => [row.kind, `${row.planted}`, `${row.found}`, `${row.falseAlarms}`];
  return {
    columns: ['Kind', 'Planted', 'Found', 'False alarms'],
    rows: [...rows.map(text), ...flat.map(text)],
    claim:
      `${sum('all', 'found')} of ${sum('all', 'planted')} exact faults found (all), ` +
      `${(100 * share(pictures)).toFixed(1)} % of the near copies of pictures (${100 * aims.near} % at least), ` +
      `false alarms on ${(100 * falseAlarms).toFixed(2)} % of the records (under ${100 * aims.falseAlarms} %); ` +
      `${read} rows read: ${used} used, ${merged} merged, ${rejected} rejected.`,
    holds:
      sum('all', 'found') === sum('all', 'planted') &&
      share(pictures) >= aims.near &&
      share(rows.filter(({ kind }) => kind === 'nearText')) >= aims.near &&
      falseAlarms < aims.falseAlarms &&
      flat.every((row) => row.falseAlarms === 0) &&
      read === used + merged + rejected,
    facts: {
      rows,
      flat,
      checks: findings.checks,
      counts: findings.counts,
    },
  };
}
