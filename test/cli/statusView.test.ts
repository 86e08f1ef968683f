import { metricsAddress } from '../../cli/dev/metrics.js';
import type { RunDetails } from '../../cli/status.js';
import { bar, statusView } from '../../cli/statusView.js';
import { answerText } from '../../config/questions.js';

const line = {
  run: 'boost-digits.1a2b3c4d',
  state: 'running',
  step: 'sweep',
  started: '2026-11-26 13:00',
  verdict: '',
  question: null,
  answer: null,
};

function detailsOf(changes: Partial<RunDetails>): RunDetails {
  const none = { decisions: [], link: null, report: null, budget: null, live: null, progress: null };
  return { ...line, ...none, ...changes };
}

describe('the live view of anneal status', () => {
  it('shows the runs, how far the open ones are, their budget, and how to answer what they ask', () => {
    const open = detailsOf({
      live: 'coarse: step 90 of 200, loss 0.0321',
      progress: { done: 90, total: 200 },
      budget: { caps: { trainerHours: 8 }, prices: null, spent: { money: null, trainerHours: 2.1, wallClock: 3 } },
      decisions: [{ id: 'sweep', verdict: '0.001', reason: 'It is the best.' }],
      question: `sanityCheck is data:labels. Labels differ.  To go on send ${answerText({ update: 'overrule', input: { decision: 'sanityCheck', verdict: 'canRepeat', by: 'your name', why: 'your {reason}' } })}`,
    });
    expect(statusView({ lines: [line], open: [open] }, 'now', 80)).toEqual([
      'now',
      '',
      'RUN                    STATE    STEP   STARTED           VERDICT',
      'boost-digits.1a2b3c4d  running  sweep  2026-11-26 13:00',
      '',
      'boost-digits.1a2b3c4d',
      '  now      [##############................]  45 %',
      '           coarse: step 90 of 200, loss 0.0321',
      '  budget   [########......................]  26 %  2.1 of 8 trainer hours',
      '  decided  sweep: 0.001. It is the best.',
      '  asked    sanityCheck is data:labels. Labels differ.',
      '  answer   anneal overrule boost-digits sanityCheck canRepeat --why "<reason>"',
      '           (or another verdict)',
    ]);
  });

  it('says how many runs it leaves out', () => {
    expect(statusView({ lines: Array(20).fill(line), open: [] }, '', 80).at(-1)).toBe(
      'and 8 more: anneal status --once',
    );
  });

  it.each([
    [-1, '  0 %'],
    [0, '  0 %'],
    [199, ' 99 %'],
    [300, '100 %'],
  ])('never draws a bar over its ends: %d of 200', (done, percent) => {
    expect(bar({ done, total: 200 })).toMatch(new RegExp(`^\\[[#.]{30}\\] ${percent}$`));
  });
});

describe('--metrics', () => {
  it('gives each worker a port of its own', () => {
    expect([0, 3].map((place) => metricsAddress('127.0.0.1:9464', place))).toEqual([
      '127.0.0.1:9464',
      '127.0.0.1:9467',
    ]);
    expect(metricsAddress('[::1]:9464', 1)).toBe('[::1]:9465');
  });

  it.each(['9464', 'localhost', 'localhost:0', '127.0.0.1:99999', 'http://localhost:9464'])('refuses %s', (given) => {
    expect(() => metricsAddress(given, 0)).toThrow('is no address for metrics');
  });
});
