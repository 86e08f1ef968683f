/** Writes the files that a run's facts name: dataset with pictures, events of its trainings, answers. */
import path from 'node:path';
import sharp from 'sharp';
import { toPath, toUri, writeJson, writeWhole } from '../../../activities/storage/files.js';
import type { AnswerRow, Evaluation } from '../../../config/evaluation.js';
import type { DatasetManifest, DatasetRef } from '../../../config/records.js';
import type { ReportFacts, TrainingSummary } from '../../../config/report.js';
import type { TrainingEvent } from '../../../config/training.js';

export async function writeRunFiles({ business, generic, trainings, before, after }: ReportFacts): Promise<void> {
  if (business) await writeDataset(business, { imageMissing: 3, answerEmpty: 2 });
  if (generic) await writeDataset(generic, {});
  for (const training of trainings) await writeEvents(training);
  if (before.business && business) await writeAnswers(before.business, business, 0.107);
  if (after.business && business) await writeAnswers(after.business, business, 0.978);
}

async function writeDataset(ref: DatasetRef, byReason: Record<string, number>): Promise<void> {
  const { uri, digest, read, used, merged, rejected, bySplit, notes, questions } = ref;
  const manifest: DatasetManifest = {
    schema: 'anneal.dataset/1',
    digest,
    sources: [{ path: 'records.jsonl', format: 'jsonl', rows: read, sha256: 'ab'.repeat(32) }],
    counts: {
      ...{ read, used, merged, rejected, waiting: 0, leftOut: 0, images: used, bySplit, byReason },
      ...{ repairs: {}, made: {}, notMade: {} },
    },
    notes,
    questions,
    answers: { distinct: 10, largestShare: 0.104, largest: '3', once: 0 },
    checks: {
      conflicts: 4,
      nearPictures: {
        ...{ method: 'hashes', reason: null, limit: 0.05, clusters: 3, members: 7, largest: 3 },
        ...{ suspects: 2, mirrors: 1 },
      },
      nearTexts: { texts: 0, reason: null, clusters: 0, members: 0, largest: 0 },
      languages: { texts: 1780, undetermined: 1780, byLanguage: [], main: null, foreign: 0 },
      personalData: [{ kind: 'email', rows: 5, first: ['records.jsonl, line 3: …@…'] }],
      leaks: { samePicture: 0, nearPicture: 0, sameGroup: 0 },
      splits: { moved: 0, giants: 0 },
    },
    tokens: { imageMaximum: 16, perImage: 16, textBytesMaximum: 40 },
  };
  await writeJson(path.join(toPath(uri), 'manifest.json'), manifest);
  for (let digit = 0; digit < 10; digit += 1)
    await writeWhole(path.join(toPath(uri), imageOf(digit)), await drawDigit(digit));
}

function imageOf(digit: number): string {
  return `images/digit-${digit}.png`;
}

/** A picture of 8 by 8 pixels, as scans of scikit-learn's digits are. */
function drawDigit(digit: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64"/><text x="32" y="57" font-size="68" font-family="sans-serif" text-anchor="middle" fill="#fff">${digit}</text></svg>`;
  return sharp(Buffer.from(svg)).resize(8, 8).greyscale().png().toBuffer();
}

const stepsPerEpoch = 33;

/** Losses that fall as they do in truth: fast, then slowly, slower at a rate that is off; generic loss drifts up. */
async function writeEvents({ eventsUri, epochs, learningRate, name }: TrainingSummary): Promise<void> {
  const off = Math.log2(learningRate / 0.002);
  const pace = 1.6 / (1 + (off > 0 ? 3.4 : 1.7) * Math.abs(off));
  const begin = name === 'fine' || name === 'coarse' ? 0.32 : 2.4;
  const loss = (epoch: number) => 0.05 + (begin - 0.05) * Math.exp(-pace * epoch);
  const wiggle = (step: number) => 1 + 0.22 * Math.sin(step * 1.7) * Math.cos(step * 0.31);
  const common = { time: 1_764_040_000, attempt: 1 };
  const totalSteps = Math.round(epochs * stepsPerEpoch);
  const samples = { business: 1068, generic: 107 };
  const started = {
    pid: 4242,
    step: 0,
    totalSteps,
    stepsPerEpoch,
    samples,
    device: 'cpu',
    precision: 'float32',
    trainableParameters: 2_912_000,
  };
  const events: TrainingEvent[] = [{ event: 'started', ...common, ...started }];
  for (let step = 0; step <= totalSteps; step += 1) {
    const epoch = step / stepsPerEpoch;
    const train = loss(epoch) * wiggle(step) * 0.86;
    if (step > 0 && step % 3 === 0)
      events.push({
        event: 'step',
        ...common,
        step,
        epoch,
        loss: train,
        gradNorm: 0.7,
        learningRate,
        samplesPerSecond: 95,
      });
    if (step % 11 !== 0 && step !== 81) continue;
    const losses = {
      validation: loss(epoch) * (1 + 0.012 * epoch),
      generic: 0.117 * (1 + 0.05 * (1 - Math.exp(-epoch))),
      ...(name === 'sanity' ? { train: train * 0.8 } : {}),
    };
    events.push({
      event: 'evaluation',
      ...common,
      step,
      epoch,
      losses,
      standardErrors: { validation: 0.011 },
      exact: { validation: 0.9 },
      itemLosses: `items-${step}.json`,
    });
  }
  await writeLines(eventsUri, events);
}

async function writeAnswers({ answersUri, asked }: Evaluation, dataset: DatasetRef, right: number): Promise<void> {
  const rows = Array.from({ length: asked }, (_, index): AnswerRow => {
    const digit = (index * 7) % 10;
    const good = (index * 0.618) % 1 < right;
    const said = good
      ? String(digit)
      : index % 3 === 0 && right < 0.5
        ? 'a white line and a dark square'
        : String((digit + 5) % 10);
    return answerRow(`digit-${String(index).padStart(4, '0')}`, {
      expected: String(digit),
      given: said,
      image: toUri(path.join(toPath(dataset.uri), imageOf(digit))),
      valid: said.length === 1,
      score: good ? 1 : 0,
      repaired: good ? 1 : 0,
    });
  });
  await writeLines(answersUri, rows);
}

export function answerRow(id: string, changes: Partial<AnswerRow> = {}): AnswerRow {
  return {
    id,
    group: id,
    slice: null,
    question: 'Which digit is this?',
    image: null,
    expected: '7',
    given: '7',
    outcome: 'answered',
    reason: null,
    valid: true,
    score: 1,
    repaired: 1,
    promptTokens: 38,
    completionTokens: 5,
    milliseconds: 24,
    ...changes,
  };
}

export async function writeLines(uri: string, lines: readonly unknown[]): Promise<void> {
  await writeWhole(toPath(uri), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
