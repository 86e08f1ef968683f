/** Loss curves: the trials of the sweep side by side, every other training on its own, in the order of the run. */
import type { ReportFacts, TrainingSummary } from '../../../config/report.js';
import { chosenEpoch, drawLosses, lossLines } from '../charts/losses.js';
import { drawTrialCurves, drawTrialEnds, type Trial, trialLines } from '../charts/trials.js';
import type { TrainingCurve } from '../details.js';
import { count, counted, duration, figure, rate } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportView } from '../view.js';
import { halvingFigure, halvingTrials } from './halving.js';
import { fold, nothing, type Section, swatch } from './parts.js';

export function curves({ facts, details }: ReportView): Section {
  return {
    id: 'curves',
    heading: 'Curves',
    short: 'Curves',
    lead: 'Loss on the answer, in nats a token; lower is better. Validation is held-out business data; generic is general ability.',
    empty: 'Nothing was trained.',
    content: facts.trainings.length > 0 ? drawings(facts, details.curves) : null,
  };
}

type Drawn = Omit<Trial, 'picked'> & { drawn: Html };

function drawings(facts: ReportFacts, read: readonly TrainingCurve[]): (Html | null)[] {
  const all = facts.trainings.map((training, index): Drawn => {
    const curve = curveFor(training, read);
    return { training, curve, drawn: card(training, curve, index) };
  });
  const isTrial = ({ training }: Drawn) => training.name.startsWith('sweep/');
  const trials = all.filter(isTrial);
  if (trials.length === 0) return [grid(all)];
  const first = all.findIndex(isTrial);
  const others = (part: Drawn[]) => grid(part.filter((each) => !isTrial(each)));
  return [others(all.slice(0, first)), sweep(facts, trials), others(all.slice(first))];
}

function curveFor({ name, curve }: TrainingSummary, read: readonly TrainingCurve[]): TrainingCurve {
  const found = read.find((each) => each.name === name);
  return found ?? { name, device: null, stepsPerEpoch: null, steps: [], evaluations: curve };
}

function grid(cards: readonly Drawn[]): Html | null {
  return cards.length > 0 ? html`<div class="grid">${cards.map(({ drawn }) => drawn)}</div>` : null;
}

function card(training: TrainingSummary, curve: TrainingCurve, index: number): Html {
  const { name, stopped, chosenStep } = training;
  const epoch = chosenEpoch(training, curve);
  const where = epoch === null ? '' : `, epoch ${figure(epoch)}`;
  const legend = lossLines(curve).map((line) => html`<span>${swatch(line)}${line.name}</span>`);
  return html`<figure class="card"><h3>${name}</h3><p class="facts">${trainingFacts(training)}</p>
${drawLosses(`losses-${index}`, training, curve) ?? nothing('No losses yet.')}
<figcaption><p class="legend">${legend}</p>${chosenStep === null ? null : html`<p class="note"><b>Chosen:</b> step ${count(chosenStep)}${where}.</p>`}${stopped ? html`<p class="note"><b>Ended early:</b> ${stopped}</p>` : null}${(curve.survived ?? []).map((sentence) => html`<p class="note">${sentence}</p>`)}</figcaption></figure>`;
}

function trainingFacts({ learningRate, mix, epochs, samplesAnEpoch, seconds, attempts }: TrainingSummary): string {
  const facts = [`learning rate ${rate(learningRate)}`, mix, counted(epochs, 'epoch')];
  if (samplesAnEpoch) facts.push(`${count(samplesAnEpoch.business)} + ${count(samplesAnEpoch.generic)} records`);
  facts.push(duration(seconds));
  if (attempts > 1) facts.push(`${attempts} attempts`);
  return facts.join(' · ');
}

/** The rate that the run went on with is the verdict of the decision `sweep`. */
function sweep({ decisions }: ReportFacts, unsorted: readonly Drawn[]): Html {
  const halving = halvingTrials(unsorted.map(({ training, curve }) => ({ ...training, curve: curve.evaluations })));
  const verdict = decisions.find(({ id }) => id === 'sweep')?.verdict ?? null;
  if (halving.length > 0) return halvingFigure(halving, verdict, fold('Each training on its own', grid(unsorted)));
  const taken = Number(verdict);
  const trials = unsorted
    .map((each) => ({ ...each, picked: each.training.learningRate === taken }))
    .sort((left, right) => left.training.learningRate - right.training.learningRate);
  const lines = trialLines(trials);
  const legend = lines.map(
    (line) => html`<span>${swatch(line)}${line.picked ? html`<b>${line.name}, taken</b>` : line.name}</span>`,
  );
  return html`<figure class="card"><h3>sweep</h3><p class="facts">${counted(trials.length, 'trial')} of the learning rate · validation loss</p>
<div class="pair">${drawTrialCurves(lines) ?? nothing('No losses yet.')}${drawTrialEnds(lines)}</div>
<figcaption><p class="legend">${legend}</p>${fold('Each trial on its own', grid(trials))}</figcaption></figure>`;
}
