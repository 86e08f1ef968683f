import { drawHalving, type RungTrial } from '../../../activities/report/charts/halving.js';
import { html } from '../../../activities/report/html.js';
import { halvingFigure, halvingTrials } from '../../../activities/report/sections/halving.js';
import type { SweepTrial } from '../../../config/sweep.js';
import { training } from './facts.js';
import { placesIn } from './places.js';

const tuning = { learningRate: 1e-4, batchSize: 16, loraRank: null, warmupRatio: 0.03 };

function trialOf(trial: string, rung: number, loss: number | null, rest: Partial<SweepTrial> = {}): RungTrial {
  return { trial, rung, seed: 1, tuning, loss, standardError: null, fate: null, epochs: 3 ** (rung - 1), ...rest };
}

const trials = [
  trialOf('trial-1', 1, 0.5, { standardError: 0.01, fate: 'left: place 3, 0.1 behind the cut' }),
  trialOf('trial-2', 1, 0.4, { fate: 'promoted: place 1 of 2' }),
  trialOf('trial-2', 1, 0.41, { seed: 2 }),
  trialOf('trial-2', 2, 0.3, { fate: 'taken' }),
  trialOf('trial-10', 1, null, { fate: 'failed: memory' }),
];
const shown = (list: readonly RungTrial[]) => halvingFigure(list, '0.0001', html``).text;

describe('the sweep in the report (R10)', () => {
  it('shows every trial with its losses rung by rung, its seeds, and why it went on or not', () => {
    const page = shown(trials);
    const rows = page
      .split('<tr>')
      .slice(2)
      .map((row) => row.replace(/<[^>]+>/g, '|').replace(/\|+/g, '|'));
    expect(rows).toHaveLength(3);
    expect(rows[0]).toContain('trial-1|1e-4|16|–|0.03|0.5 ± 0.01|left: place 3');
    expect(rows[1]).toContain('trial-2|1e-4|16|–|0.03|0.4|0.3|0.41|taken');
    expect(rows[2]).toContain('none|failed: memory');
    expect(page).toContain('<b>trial-2, taken</b>');
  });

  it('shows the trial that a person took in place of ours', () => {
    const page = halvingFigure(trials, 'trial-1', html``).text;
    expect(page).toContain('<b>trial-1, taken</b>');
    expect(page).toContain('left: a person took another');
  });

  it('has a column of frozen parts where the sweep searched them', () => {
    expect(shown(trials)).not.toContain('Frozen');
    const page = shown([
      trialOf('trial-1', 1, 0.5, { tuning: { ...tuning, freeze: [] } }),
      trialOf('trial-2', 1, 0.4, { tuning: { ...tuning, freeze: ['vision', 'projector'] } }),
    ]).replace(/<[^>]+>/g, '|');
    expect(page.replace(/\|+/g, '|')).toContain('|Frozen|');
    expect(page.replace(/\|+/g, '|')).toContain('0.03|none|0.5');
    expect(page.replace(/\|+/g, '|')).toContain('0.03|vision and projector|0.4');
  });

  it('has columns of experts where the sweep searched them; the rates alone were tried with the model’s own', () => {
    const page = shown([
      trialOf('trial-1', 1, 0.5),
      trialOf('trial-2', 1, 0.4, { tuning: { ...tuning, activeExperts: 4, routerLoss: 0.01 } }),
    ]).replace(/(<[^>]+>)+/g, '|');
    expect(page).toContain('|Warm-up|Experts|Router loss|');
    expect(page).toContain('0.03|the model’s|the model’s|0.5');
    expect(page).toContain('0.03|4|0.01|0.4');
  });

  it('has a column of the method where the sweep searched it', () => {
    const page = shown([
      trialOf('trial-1', 1, 0.5, { tuning: { ...tuning, method: 'full' } }),
      trialOf('trial-2', 1, 0.4, { tuning: { ...tuning, method: 'lora', loraRank: 16 } }),
    ]).replace(/(<[^>]+>)+/g, '|');
    expect(page).toContain('|Warm-up|Method|');
    expect(page).toContain('|–|0.03|full|0.5');
    expect(page).toContain('|16|0.03|LoRA|0.4');
  });

  it('draws the rungs, and tells readers who do not see it what they show', () => {
    const picture = drawHalving(trials, 'trial-2')?.text;
    expect(picture).toContain('Rung 1, 1 epochs: 2 trials from 0.4 to 0.5.');
    expect(picture).toContain('rung 2: 3 epochs');
    expect(drawHalving([trialOf('trial-1', 1, null)], null)).toBeNull();
  });

  it('shows a sweep that is under way, and finds trials among the trainings of a run', () => {
    const { epochs: _, ...trial } = trialOf('trial-1', 1, 0.5);
    const places = placesIn('/nowhere');
    const found = halvingTrials([
      training(places, 'sanity'),
      training(places, 'sweep/trial-1/rung-1', { trial, epochs: 1 }),
    ]);
    expect(found).toMatchObject([{ trial: 'trial-1', epochs: 1 }]);
    expect(shown(found)).toContain('under way');
  });
});
