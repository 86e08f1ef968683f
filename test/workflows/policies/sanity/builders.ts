/** Sound figures of every probe; each test changes only what matters to it. */
import type { ProbedItem, ProbeFigures, RecordFigures } from '../../../../config/probing.js';

type Group = NonNullable<ProbeFigures['step']>['groups'][number];

export function groupOf(name: Group['name'], change: Partial<Group> = {}): Group {
  return { name, tensors: 10, trainable: 10, gradientNorm: 0.3, still: 0, moved: 10, ...change };
}

export const soundStart: ProbeFigures = {
  schema: 'anneal.probeFigures/1',
  stage: 'start',
  imageTokens: { records: 32, equal: 32, cut: 0, longest: 60, ids: [], error: null },
  labels: { records: 32, exact: 32, empty: 0, cut: 0, extra: 0, ids: [], first: null },
  template: { records: 32, equal: 32, ids: [], first: null },
  // More than ln of the vocabulary: the embedded model is surely wrong about digits, and sound.
  start: { loss: 13.2, entropy: 0.4, uniform: 6.24, exact: 0, told: 0, missingWeights: 0, ignoredWeights: 0 },
  step: {
    loss: 13,
    groups: [groupOf('language'), groupOf('projector'), groupOf('vision')],
    relativeUpdate: 3e-4,
  },
  items: null,
  overfit: null,
  notRun: [],
  seconds: 3,
};

export function itemOf(id: string, isRight: boolean, change: Partial<ProbedItem> = {}): ProbedItem {
  const said = isRight ? 'red' : 'blue';
  return {
    id,
    served: said,
    score: isRight ? 1 : 0,
    generated: said,
    exact: isRight,
    loss: isRight ? 0.01 : 2,
    shuffled: { loss: 3, exact: false },
    blank: { loss: 3, exact: false },
    picture: { side: 128, tokens: 16, contrast: 40, sharpness: 900 },
    ...change,
  };
}

export function itemsOf(right: number, wrong: number, change: (item: ProbedItem) => Partial<ProbedItem> = () => ({})) {
  return Array.from({ length: right + wrong }, (_, index) => {
    const item = itemOf(`r${index}`, index < right);
    return { ...item, ...change(item) };
  });
}

type Overfit = NonNullable<ProbeFigures['overfit']>[number];

export function overfitOf(factor: number, loss: number | null, right = loss !== null && loss < 0.02 ? 8 : 0): Overfit {
  return { learningRate: 1e-3 * factor, factor, records: 8, steps: 80, first: 3, loss, right, ids: [] };
}

export function trainedFigures(change: Partial<ProbeFigures> = {}): ProbeFigures {
  const untaken = { imageTokens: null, labels: null, template: null, start: null, step: null };
  return {
    ...soundStart,
    ...untaken,
    stage: 'trained',
    items: itemsOf(16, 16),
    overfit: [overfitOf(1, 0.005)],
    ...change,
  };
}

const none = { wrong: 0, right: 0, ids: [] };

export function recordsOf(change: Partial<RecordFigures> = {}): RecordFigures {
  return {
    rows: 400,
    asked: 200,
    wrong: 60,
    conflicts: none,
    truncated: { ...none, rows: 0 },
    neighbour: { tested: 60, fits: 12, expected: 12, deviation: 3, side: 'before', ids: [] },
    run: { longest: 4, chance: 1, ids: [] },
    text: { judged: 400, right: 100, majority: 0.25 },
    ...change,
  };
}
