/** The watchdog on simulated pairs of curves whose truth is known, beside plain patience (R16, methods M7). */
import { meanOf } from '../workflows/policies/curve.js';
import { bench, type Measured, positive } from './lib/bench.js';
import { type Family, type FamilyName, families, familyNames } from './watchdog/families.js';
import { limits, type Rule, rulesFor } from './watchdog/rules.js';
import { type Ended, type Items, type Noise, noisyRun, play } from './watchdog/simulate.js';

const about = `Simulates trainings of 30 evaluation points with known truth, ${familyNames.length} shapes and two kinds of noise, and stops each by the
recipe's watchdog, by plain patience of 3 and of 5, and by R16 taken literally. Five shapes are those that the rule's
thresholds were chosen on (methods M7); it has not seen the others.

  --runs N        runs of each shape and noise (200)
  --deviation D   standard deviation of the noise on both losses (0.01)
  --items N       evaluate each set on N items whose losses wander each on its own way; 0 is without items (0)
  --wander W      standard deviation of such a way by the last point, nats (0.3)
  --seed S        the first seed (1)`;

interface Cell {
  family: FamilyName;
  noise: Noise;
  rule: string;
  runs: Ended[];
}

await bench(
  {
    name: 'watchdog',
    about,
    options: {
      runs: { type: 'string', default: '200' },
      deviation: { type: 'string', default: '0.01' },
      seed: { type: 'string', default: '1' },
      items: { type: 'string', default: '0' },
      wander: { type: 'string', default: '0.3' },
    },
  },
  async ({ values }) => {
    const runs = positive('--runs', values.runs);
    const first = positive('--seed', values.seed);
    const deviation = positive('--deviation', values.deviation);
    const noises = [0, 0.5].map((correlation) => ({ deviation, correlation }));
    const items = {
      count: values.items === '0' ? 0 : positive('--items', values.items),
      wander: positive('--wander', values.wander),
    };
    const rules = rulesFor(items.count);
    const cells = familyNames.flatMap((family) =>
      noises.flatMap((noise) => cellsOf(family, noise, { runs, first, items, rules })),
    );
    return measured(cells, rules, { runs, deviation, first, items });
  },
);

interface Wish {
  runs: number;
  first: number;
  items: Items;
  rules: readonly Rule[];
}

function cellsOf(name: FamilyName, noise: Noise, { runs, first, items, rules }: Wish): Cell[] {
  const family: Family = families[name];
  const place = familyNames.indexOf(name) + 100 * noise.correlation;
  const series = Array.from({ length: runs }, (_, run) =>
    noisyRun(family, noise, 1_000_003 * first + 7919 * place + run, items),
  );
  return rules.map((rule) => ({
    family: name,
    noise,
    rule: rule.name,
    runs: series.map((points) => play(points, family, rule, limits.genericBudget)),
  }));
}

/** Shares of runs that a rule got wrong, and how late it was. */
function summary(cell: Cell) {
  const { truth }: Family = families[cell.family];
  const stops = cell.runs.map(({ stopped }) => stopped);
  const share = (wrong: (stopped: number | null) => boolean) => stops.filter(wrong).length / stops.length;
  const ill = truth.state === 'healthy' ? null : truth.from;
  const late = stops.flatMap((stopped) => (ill !== null && stopped !== null && stopped >= ill ? [stopped - ill] : []));
  return {
    ill: ill !== null,
    /** A healthy run stopped, or an ill one before it turned ill. */
    falseAlarm: share((stopped) => stopped !== null && (ill === null || stopped < ill)),
    missed: ill === null ? null : share((stopped) => stopped === null),
    delay: late.toSorted((a, b) => a - b)[Math.floor(late.length / 2)] ?? null,
    regret: meanOf(cell.runs.map(({ regret }) => regret)),
    excess: meanOf(cell.runs.map(({ excess }) => excess)),
  };
}

function measured(
  cells: Cell[],
  rules: readonly Rule[],
  facts: { runs: number; deviation: number; first: number; items: Items },
): Measured {
  const all = cells.map((cell) => ({ ...cell, ...summary(cell) }));
  const rows = familyNames.map((family) => {
    const of = (rule: string) => all.filter((cell) => cell.family === family && cell.rule === rule);
    return [
      families[family].about,
      families[family].unseen ? 'no' : 'yes',
      ...rules.map(({ name }) => wordsOf(of(name))),
    ];
  });
  const over = (rule: string, unseen: boolean) => {
    const of = all.filter((cell) => cell.rule === rule && families[cell.family].unseen === unseen);
    const healthy = of.filter(({ ill }) => !ill);
    const ill = of.filter((cell) => cell.ill);
    return {
      rule,
      unseen,
      healthyStopped: meanOf(healthy.map(({ falseAlarm }) => falseAlarm)),
      early: meanOf(ill.map(({ falseAlarm }) => falseAlarm)),
      missed: meanOf(ill.map(({ missed }) => missed ?? 0)),
      regret: meanOf(of.map(({ regret }) => regret)),
      excess: Math.max(...of.map(({ excess }) => excess)),
    };
  };
  const totals = [false, true].flatMap((unseen) => rules.map(({ name }) => over(name, unseen)));
  const [ours, ...others] = totals.filter(({ unseen }) => unseen);
  const wrong = (total: (typeof totals)[number]) => total.healthyStopped + total.early + total.missed;
  return {
    columns: ['Shape', 'Seen by the rule', ...rules.map(({ name }) => name)],
    rows: [
      ...rows,
      ...[false, true].map((unseen) =>
        totalRow(
          totals.filter((total) => total.unseen === unseen),
          unseen,
        ),
      ),
    ],
    claim: `On shapes that the rule was not made on it stops ${percent(ours?.healthyStopped)} of healthy runs, stops ${percent(ours?.early)} of ill ones too early and misses ${percent(ours?.missed)}; no other rule is wrong less often in sum. ${(cells.length / rules.length) * facts.runs} pairs of curves.`,
    holds: ours !== undefined && others.every((other) => wrong(other) > wrong(ours)),
    facts: { ...facts, limits, totals, cells: all.map(({ runs: _, ...cell }) => cell) },
  };
}

/** Independent noise, then noise with correlated neighbours. */
function wordsOf(cells: readonly ReturnType<typeof summary>[]): string {
  const each = (of: (cell: ReturnType<typeof summary>) => string) => cells.map(of).join(', ');
  const alarms = each(({ falseAlarm }) => percent(falseAlarm));
  if (!cells[0]?.ill) return `${alarms} stopped`;
  return `${alarms} early; ${each(({ missed }) => percent(missed ?? 0))} missed; delay ${each(({ delay }) => `${delay ?? 'none'}`)}`;
}

type Total = Pick<ReturnType<typeof summary>, 'regret' | 'excess'> &
  Record<'healthyStopped' | 'early' | 'missed', number>;

function totalRow(totals: Total[], unseen: boolean): string[] {
  const words = totals.map(({ healthyStopped, early, missed, regret, excess }) => {
    const stops = `${percent(healthyStopped)} of healthy stopped; ${percent(early)} early; ${percent(missed)} missed`;
    return `${stops}; kept checkpoint ${regret.toFixed(3)} nats off the best, generic at most ${percent(excess)} worse`;
  });
  return [`**all ${unseen ? 'unseen' : 'seen'}**`, unseen ? 'no' : 'yes', ...words];
}

function percent(share: number | undefined): string {
  return `${(100 * (share ?? Number.NaN)).toFixed(share !== undefined && share > 0 && share < 0.01 ? 1 : 0)} %`;
}
