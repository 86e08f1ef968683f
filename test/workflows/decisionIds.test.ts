import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decisionIds, isDecisionId, nearestDecisionId } from '../../workflows/run/decisionIds.js';
import { storedHistories } from '../histories/stored.js';

const workflows = fileURLToPath(new URL('../../workflows', import.meta.url));

/** Ids as the steps write them, with 1 for what is filled in. */
function decidedInSource(): string[] {
  const files = readdirSync(workflows, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files
    .filter((file) => !/^(run|retraining|policies)\/|^retrain\.ts/.test(file))
    .flatMap((file) => [...readFileSync(path.join(workflows, file), 'utf8').matchAll(/\.decide\(\s*(['`])(.+?)\1/g)])
    .map(([, , id = '']) => id.replace(/^\$\{name\}/, 'coarse').replace(/\$\{[^}]*\}/g, '1'));
}

describe('decision ids', () => {
  it('are those of every decision that a step takes', () => {
    const ids = decidedInSource();
    expect(ids.length).toBeGreaterThan(15);
    expect(ids.filter((id) => !isDecisionId(id))).toEqual([]);
  });

  it('are those of the runs that were recorded', () => {
    const ids = storedHistories()
      .filter(({ workflowType }) => workflowType === 'boost')
      .flatMap(({ text }) => [...text.matchAll(/"id": ?"([^"]+)", ?"step"/g)].map(([, id = '']) => id));
    expect(ids).toContain('sanityCheck');
    expect([...new Set(ids)].filter((id) => !isDecisionId(id) && !id.startsWith('budget/'))).toEqual([]);
  });

  it.each([
    'sweep/trial-3/rung-1/watchdog',
    'mix/10-1-lower-rate/watchdog',
    'mixGeneric/1-1',
    'stages/gold/checkpoint',
    'stages/gold/watchdog',
    'sweep/budget-seeds',
  ])('hold those still to come: %s', (id) => expect(isDecisionId(id)).toBe(true));

  it.each(['promtFirst', 'coarse', 'watchdog', 'sweep/watchdog', 'promptFirst/watchdog', ''])(
    'do not hold "%s"',
    (id) => {
      expect(isDecisionId(id)).toBe(false);
    },
  );

  it('are suggested and listed', () => {
    expect(nearestDecisionId('promtFirst')).toBe('promptFirst');
    expect(decisionIds).toContain('sweep/rung-<n>');
  });
});
