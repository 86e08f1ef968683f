/** The search of the sweep beside a full grid, simulated (R10, methods M6): the table of docs/recipe.md. */
import { meanOf } from '../workflows/policies/curve.js';
import { bench, positive } from './lib/bench.js';
import { type Conditions, type Searched, searchBesideGrid } from './sweep/simulated.js';

const about = `Simulates sweeps of 16 trials over rates and batches on rungs of 1, 3 and 9 epochs, beside the 27 settings of a full grid: this
rule, and the one that halves the rates among the other trials. Haste is what a rate e times as high is ahead by after one
epoch, and no more after nine.

  --runs N   sweeps of each row (1500)`;

const conditions = [0, 0.1, 0.3].flatMap((haste) => [0.005, 0.02].map((seedSd) => ({ haste, seedSd })));

await bench({ name: 'halving', about, options: { runs: { type: 'string', default: '1500' } } }, async ({ values }) => {
  const runs = positive('--runs', values.runs);
  const rows = [];
  for (const each of conditions)
    rows.push({ ...each, ours: await meansOf(runs, each), former: await meansOf(runs, { ...each, former: true }) });
  return {
    columns: ['Haste', 'Noise between seeds', 'Full grid', 'Rates by halving too', 'This rule', 'Of it without seeds'],
    rows: rows.map(({ haste, seedSd, ours, former }) => [
      `${haste}`,
      seedSd.toFixed(3),
      `${ours.gridRegret.toFixed(4)} (100 %)`,
      `${former.regret.toFixed(4)} (${percent(former.whole)})`,
      `${ours.regret.toFixed(4)} (${percent(ours.whole)})`,
      percent(ours.withoutSeeds),
    ]),
    claim: `Whatever the haste, this rule regrets less than 1.5 times what the full grid does, for less than half of its passes. ${runs} sweeps a row.`,
    holds: rows.every(({ ours }) => ours.regret < 1.5 * ours.gridRegret && ours.whole < 0.5),
    facts: { runs, rows },
  };
});

async function meansOf(runs: number, given: Conditions): Promise<Searched> {
  const all: Searched[] = [];
  for (let run = 1; run <= runs; run += 1) all.push(await searchBesideGrid(run, given));
  const mean = (of: keyof Searched) => meanOf(all.map((each) => each[of]));
  return {
    regret: mean('regret'),
    gridRegret: mean('gridRegret'),
    withoutSeeds: mean('withoutSeeds'),
    whole: mean('whole'),
  };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
