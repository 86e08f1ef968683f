/** The promotion gate over series of retraining rounds: how rarely an equal challenger wins, and how soon a better one (methods M13). */
import { meanOf } from '../workflows/policies/curve.js';
import { bench, type Measured, positive } from './lib/bench.js';
import { percent } from './lib/table.js';
import { playSeries, type Rule, type SeriesEnd, type SeriesWish } from './retraining/series.js';

const about = `Simulates series of retraining rounds with challengers of known quality, 300 new labelled items a round and a frozen test of 400,
and lets the recipe's gate promote, a paired test of the new items at .05 in every round, and the higher mean.

  --series N   series of each kind (1000)
  --seed S     the first seed (1)`;

const base = { rounds: 12, window: 300, anchor: 400, share: 0.85, redrawn: 0.4, cost: null };
const kinds: Record<string, { about: string; wish: SeriesWish }> = {
  equal: { about: 'equally good, 12 rounds', wish: { ...base, gain: () => 0 } },
  better: { about: '6 points better from round 3 on', wish: { ...base, gain: (round) => (round < 3 ? 0 : 0.06) } },
  worse: { about: '3 points worse, 12 rounds', wish: { ...base, gain: () => -0.03 } },
  ratchet: {
    about: '0.8 points worse in each of 10 rounds, and cheaper',
    wish: { ...base, rounds: 10, gain: (round) => -0.008 * round, cost: { champion: 1, challenger: 0.9 } },
  },
};
const rules: Rule[] = ['recipe', 'paired .05', 'higher mean'];

interface Row {
  kind: string;
  rule: Rule;
  /** Share of series with a promotion. */
  any: number;
  /** Promotions a series. */
  promotions: number;
  firstRound: number | null;
  /** True share of right answers of the last champion less the first one's. */
  change: number;
}

await bench(
  {
    name: 'promotion',
    about,
    options: { series: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
  },
  async ({ values }) => {
    const series = positive('--series', values.series);
    const first = positive('--seed', values.seed);
    const rows = Object.entries(kinds).flatMap(([kind, { wish }]) =>
      rules.map((rule) =>
        rowOf(
          kind,
          rule,
          wish,
          Array.from({ length: series }, (_, index) => playSeries(wish, rule, 1_000_003 * first + index)),
        ),
      ),
    );
    return measured(rows, { series, first });
  },
);

function rowOf(kind: string, rule: Rule, wish: SeriesWish, ends: SeriesEnd[]): Row {
  const won = ends.filter(({ promoted }) => promoted.length > 0);
  const rounds = won.map(({ promoted }) => promoted[0] ?? 0).toSorted((a, b) => a - b);
  return {
    kind,
    rule,
    any: won.length / ends.length,
    promotions: meanOf(ends.map(({ promoted }) => promoted.length)),
    firstRound: rounds[Math.floor(rounds.length / 2)] ?? null,
    change: meanOf(ends.map(({ share }) => share - wish.share)),
  };
}

function measured(rows: Row[], facts: { series: number; first: number }): Measured {
  const equal = rows.find(({ kind, rule }) => kind === 'equal' && rule === 'recipe');
  return {
    columns: [
      'Challengers',
      'Gate',
      'Series with a promotion',
      'Promotions a series',
      'First one, median round',
      'Points gained in truth',
    ],
    rows: rows.map(({ kind, rule, any, promotions, firstRound, change }) => [
      kinds[kind]?.about ?? kind,
      rule,
      percent(any),
      promotions.toFixed(2),
      `${firstRound ?? ''}`,
      `${change >= 0 ? '+' : ''}${(100 * change).toFixed(1)}`,
    ]),
    claim: `Of ${facts.series} series of 12 equally good challengers ${percent(equal?.any ?? 1)} see a promotion; 5 % at most may.`,
    holds: equal !== undefined && equal.any <= 0.05,
    facts: { ...facts, rows },
  };
}
