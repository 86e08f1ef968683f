import { describe, expect, it } from '@jest/globals';
import type { MixTrial } from '../../../config/report.js';
import { decision } from './decisions.js';
import { dataset, evaluation, share } from './facts.js';
import { recipe } from './recipe.js';
import { pageOf, sectionOf, textOf } from './rendering.js';
import { answerRow } from './runFiles.js';

const hostile = '<script>alert(1)</script><img src=x onerror="alert(2)">\'&';
const running = { state: 'running' as const, step: 'sweep', verdict: 'Running: sweep.' };

describe('the page of a run', () => {
  it('says the verdict in its first heading, with the state beside it', () => {
    const page = pageOf(() => ({}));
    expect(textOf(page.match(/<h1>[\s\S]*?<\/h1>/)?.[0] ?? '')).toContain('97.8 % right on held-out data');
    expect(page).toMatch(/class="badge done"/);
  });

  it('shows the estimate of before beside what each step took, and what was spent of the budget', () => {
    const estimate = {
      rows: 1797,
      trainRows: 1078,
      stages: [
        { name: 'sanityCheck', samples: 5000 },
        { name: 'alignPreferences', samples: 850 },
      ],
      questions: 900,
      samplesPerSecond: 50,
      speed: '50 samples/s',
    };
    const spent = { money: 1.25, trainerHours: 0.625, wallClock: 2 };
    const budget = { caps: { trainerHours: 1, money: 2 }, prices: { trainerHour: 2 }, spent };
    const told = (changes: object) =>
      textOf(
        sectionOf(
          pageOf(() => changes),
          'cost',
        ),
      );
    const shown = told({ estimate, budget });
    expect(shown).toMatch(/5,000 1 min 40 s (?!–)\d/);
    expect(shown).toMatch(/850 17 s –/);
    expect(shown).toMatch(/trainer hours 0\.625 of 1/);
    expect(shown).toMatch(/money 1\.25 of 2/);
    expect(shown).toMatch(/wall clock 2, no cap/);
    expect(told({ estimate: { ...estimate, samplesPerSecond: null } })).toContain('not known');
    expect(told({})).not.toContain('Estimate and actual');
  });

  it('trusts no text: markup in questions, answers, reasons, names and notes is shown, never obeyed', () => {
    const row = answerRow(hostile, { question: hostile, expected: hostile, given: hostile, score: 0, reason: hostile });
    const page = pageOf(
      (places) => ({
        run: hostile,
        verdict: hostile,
        question: hostile,
        failure: hostile,
        decisions: [
          decision(hostile, { verdict: hostile, reason: hostile, settles: hostile, evidence: { [hostile]: hostile } }),
        ],
        business: dataset(places.business, { notes: [hostile] }),
        testReads: [hostile],
        steps: [{ name: hostile, seconds: 1 }],
        before: {
          business: evaluation('before', { answersUri: '', bySlice: { [hostile]: share(0.5) } }),
          generic: null,
        },
        trainings: [
          {
            name: hostile,
            learningRate: 1e-3,
            mix: hostile,
            samplesAnEpoch: null,
            epochs: 1,
            curve: [{ step: 0, epoch: 0, losses: { [hostile]: 1 }, standardErrors: {}, exact: {} }],
            eventsUri: '',
            chosenStep: null,
            stopped: hostile,
            seconds: 1,
            attempts: 1,
          },
        ],
      }),
      { examples: { before: [], after: [row] }, unread: [hostile] },
    );
    expect(page).not.toMatch(/<script|<img src=x/i);
    expect(page).not.toMatch(/<[^>]*\sonerror="/i);
    expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(20);
  });

  it('forbids scripts and every request by its own policy', () => {
    const page = pageOf(() => ({}));
    expect(page).toMatch(/http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;/);
    expect(page).not.toMatch(/(?:src|href)="(?!data:|#)/);
  });

  it('loads itself anew every five seconds while the run goes on, and no longer', () => {
    expect(pageOf(() => running)).toContain('http-equiv="refresh" content="5"');
    expect(pageOf(() => ({ state: 'waiting' }))).toContain('http-equiv="refresh"');
    for (const state of ['done', 'notSolved', 'failed', 'cancelled'] as const)
      expect(pageOf(() => ({ state }))).not.toContain('http-equiv="refresh"');
  });

  it('says which step is going on while the run goes on', () => {
    const now = pageOf(() => running).match(/<li class="now" aria-current="step">[\s\S]*?<\/li>/)?.[0];
    expect(textOf(now ?? '')).toContain('Sweep the learning rate going on');
    expect(pageOf(() => ({}))).not.toContain('class="progress"');
  });

  it('leaves out what a run in progress has not got, and says of an ended run what it has not', () => {
    const nothing = { trainings: [], after: { business: null, generic: null }, result: null };
    expect(
      sectionOf(
        pageOf(() => ({ ...nothing, ...running })),
        'curves',
      ),
    ).toBe('');
    expect(
      textOf(
        sectionOf(
          pageOf(() => nothing),
          'curves',
        ),
      ),
    ).toContain('Nothing was trained.');
    expect(
      textOf(
        sectionOf(
          pageOf(() => nothing),
          'use',
        ),
      ),
    ).toContain('This run has no result to use.');
  });

  it('shows a question first, with the very update that answers it', () => {
    const answer = { decision: 'promptFirst', verdict: 'notEnough', by: 'your name', why: "it's {not} enough" };
    const question = `promptFirst is cannotTell. More {items} are needed. To go on send the update overrule with ${JSON.stringify(answer)}`;
    const page = pageOf(() => ({ state: 'waiting', question }));
    const notice = page.match(/<div class="notice ask"[\s\S]*?<\/div>/)?.[0] ?? '';
    const [json, command] = [...notice.matchAll(/<pre class="copy">([\s\S]*?)<\/pre>/g)].map(([, text]) =>
      textOf(text ?? ''),
    );
    expect(JSON.parse(json ?? '')).toEqual(answer);
    expect(command).toContain(`--workflow-id boost-digits --name overrule --input '{"decision":"promptFirst"`);
    expect(command).toContain(`it'\\''s {not} enough`);
    expect(textOf(notice)).toContain('promptFirst is cannotTell. More {items} are needed. To answer');
    expect(page.indexOf('notice ask')).toBeLessThan(page.indexOf('<section'));
  });

  it('shows a failure whole', () => {
    const page = pageOf(() => ({ state: 'failed', failure: 'No space.\n  where: /data\n  do:    Free some.' }));
    expect(page).toContain('<pre>No space.\n  where: /data\n  do:    Free some.</pre>');
  });
});

describe('key figures', () => {
  const figures = textOf(
    sectionOf(
      pageOf(() => ({})),
      'figures',
    ),
  );

  it('show business and generic scores before and after with their intervals', () => {
    expect(figures).toContain('10.7 % → 97.8 % [96.4, 99.2] +87.1 points target 92.0 %: met');
    expect(figures).toContain('94.5 % → 92.0 % [89.3, 94.7] −2.5 points 97.4 % of it kept');
  });

  it('show format validity apart from correctness, and what was never scored', () => {
    expect(figures).toContain('Format validity 41.2 % [36.6, 45.8] 100.0 % [99.6, 100.0]');
    expect(figures).toContain('Right among valid 26.0 % 97.8 %');
    expect(figures).toContain('Generic items 400 400 1 excluded');
  });

  it('show the tuned model in other formats, one row each', () => {
    const bySlice = { multipleChoice: share(0.9), yesNo: share(0.7) };
    const page = sectionOf(
      pageOf(() => ({ formats: evaluation('after-formats', { answersUri: '', bySlice, score: share(0.8) }) })),
      'figures',
    );
    const text = textOf(page);
    expect(text).toContain('In other formats, after tuning (80.0 %)');
    for (const [name, score] of [
      ['multipleChoice', '90.0 %'],
      ['yesNo', '70.0 %'],
      ['all of them', '80.0 %'],
    ])
      expect(text).toMatch(new RegExp(`${name} ${score}`));
    expect(
      sectionOf(
        pageOf(() => ({})),
        'figures',
      ),
    ).not.toContain('In other formats');
  });

  it('describe the drawing in words for readers who do not see it', () => {
    expect(figures).toContain('Business score: before 10.7 % [7.8, 13.6], after 97.8 % [96.4, 99.2], target 92.0 %.');
  });

  it('call a target that lies within the interval neither met nor missed', () => {
    const page = pageOf(() => ({
      after: { business: evaluation('after', { answersUri: '', score: share(0.92) }), generic: null },
    }));
    expect(textOf(sectionOf(page, 'figures'))).toContain('target 92.0 %: within the interval');
  });
});

describe('decisions', () => {
  const page = pageOf(() => ({}));
  const cards = [...page.matchAll(/<li class="card[\s\S]*?<\/li>/g)].map(([card]) => textOf(card));

  it('come in their order, each with rules, verdict, reason and figures', () => {
    expect(cards).toHaveLength(9);
    expect(cards[1]).toContain(
      'Try the prompt first promptFirst R1 25 Nov 2026, 03:15 UTC Not enough The prompt alone reaches 10.7 %',
    );
    expect(cards[1]).toContain('target 92.0 %');
  });

  it('say what would settle a verdict that cannot be told', () => {
    expect(cards[3]).toContain('Cannot tell');
    expect(cards[3]).toContain('What would settle it: The learning curve');
  });

  it('say who overruled which verdict and why', () => {
    expect(cards[6]).toContain('The verdict was “10 business : 1 generic”; Mira set another: The captions are served');
  });
});

describe('data', () => {
  it('adds up: read = used + merged + rejected, and the splits are all that is used', () => {
    const text = textOf(
      sectionOf(
        pageOf(() => ({})),
        'data',
      ),
    );
    expect(text).toContain('1,797 read = 1,780 used + 12 merged + 5 rejected ✓ adds up');
    expect(text).toContain('all used ✓ adds up 1,780');
    expect(text).toContain('/nowhere/.anneal/datasets/business/ledger.jsonl');
  });

  it('counts rows that wait for an answer, and sound ones that are left out, where there are some', () => {
    const page = pageOf((places) => ({ business: dataset(places.business, { rejected: 1, waiting: 3, leftOut: 1 }) }));
    expect(textOf(sectionOf(page, 'data'))).toContain(
      '1,797 read = 1,780 used + 12 merged + 1 rejected + 3 waiting for an answer + 1 left out ✓ adds up',
    );
  });

  it('says so where rows are unaccounted for', () => {
    const page = pageOf((places) => ({ business: dataset(places.business, { rejected: 3 }) }));
    expect(textOf(sectionOf(page, 'data'))).toContain('✕ 2 rows unaccounted for');
  });
});

describe('settings', () => {
  it('show each override with what it replaces, its rule and where it is from', () => {
    const text = textOf(
      sectionOf(
        pageOf(() => ({})),
        'settings',
      ),
    );
    expect(text).toContain(
      'training.learningRate Peak learning rate of the first runs (R8); LoRA starts at ten times that. 0.001 0.00001 the preset tiny',
    );
    expect(text).toContain('stop wait the task file');
  });

  it('say so where nothing differs from the recipe', () => {
    const page = pageOf((places) => ({ recipe: recipe(places, { provenance: [] }) }));
    expect(textOf(sectionOf(page, 'settings'))).toContain('Every setting is the recipe’s default.');
  });
});

describe('test reads', () => {
  it('advise a fresh test set after five', () => {
    const read = (times: number) =>
      textOf(
        sectionOf(
          pageOf(() => ({ testReads: Array.from({ length: times }, () => 'evaluate') })),
          'reads',
        ),
      );
    expect(read(5)).not.toContain('fresh test set');
    expect(read(6)).toContain('6 reads: collect a fresh test set');
  });
});

describe('keeping general ability (R12)', () => {
  const trial: MixTrial = {
    training: 'mix/10-1',
    mix: '10 business : 1 generic',
    way: null,
    share: 1,
    learningRate: 0.002,
    answerTokens: { business: 2000, generic: 700 },
    businessScore: 0.95,
    businessLoss: 0.12,
    genericBefore: 0.8,
    genericScore: 0.5,
    genericExcess: 0.41,
    genericExcessError: null,
    standing: 'outsideBudget',
    chosen: false,
  };
  const average: MixTrial = {
    ...trial,
    way: 'averaged to 70.0 % of the tuning',
    share: 0.7,
    businessScore: 0.945,
    genericScore: 0.78,
    genericExcess: 0.03,
    genericExcessError: 0.012,
    standing: 'insideBudget',
    chosen: true,
  };
  const shown = (mix?: MixTrial[]) =>
    textOf(
      sectionOf(
        pageOf(() => (mix ? { mix } : {})),
        'mix',
      ),
    );

  it('shows all that was tried with tokens, business and generic figures, and which was taken', () => {
    const text = shown([trial, average]);
    expect(text).toContain('10 business : 1 generic mix/10-1 2e-3 10 : 3.5 95.0 % 0.12 80.0 % → 50.0 % 0.41');
    expect(text).toContain('too much general ability lost');
    expect(text).toContain('averaged to 70.0 % of the tuning');
    expect(text).toContain('80.0 % → 78.0 % 0.03 ± 0.012 taken , inside the budget');
  });

  it('leaves open what was not measured', () => {
    const unmeasured = { ...trial, answerTokens: null, businessScore: null, genericScore: null, genericExcess: null };
    expect(shown([{ ...unmeasured, standing: 'notMeasured' }])).toMatch(/– – 0.12 – – not measured/);
  });

  it('says of a run without a mix that none was tried', () => {
    expect(shown()).toContain('No mix with generic data was tried.');
  });
});
