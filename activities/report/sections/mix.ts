/** What was tried to keep general ability, side by side (R12). */
import type { MixTrial } from '../../../config/report.js';
import { figure, percent, rate } from '../format.js';
import { type Html, html } from '../html.js';
import type { ReportView } from '../view.js';
import { type Section, table } from './parts.js';

const standings: Record<MixTrial['standing'], string> = {
  insideBudget: 'inside the budget',
  outsideBudget: 'too much general ability lost',
  businessFalls: 'too much business lost',
  notMeasured: 'not measured',
};

/** Stands where a figure was not measured. */
const none = '–';

export function mix({ facts }: ReportView): Section {
  const trials = facts.mix ?? [];
  const head = ['Tried', 'Rate', 'Answer tokens', 'Business', 'Its loss', 'Generic', 'Its loss rose by', ''];
  return {
    id: 'mix',
    heading: 'Keeping general ability',
    short: 'General ability',
    lead: 'What was tried, on the same validation items. Scores count whole answers that are the model’s most likely ones, token by token; losses are in nats a token.',
    empty: 'No mix with generic data was tried.',
    content: trials.length > 0 ? table(head, trials.map(row), 'numbers') : null,
  };
}

function row(trial: MixTrial): (Html | string)[] {
  const { training, mix: ratio, way, learningRate, businessScore, businessLoss, standing, chosen } = trial;
  const name = [ratio, ...(way === null ? [] : [way])].join(', ');
  const said = standings[standing];
  return [
    html`${chosen ? html`<b>${name}</b>` : name} <small>${training}</small>`,
    rate(learningRate),
    tokensOf(trial),
    businessScore === null ? none : percent(businessScore),
    businessLoss === null ? none : figure(businessLoss),
    genericOf(trial),
    riseOf(trial),
    chosen ? html`<b>taken</b>, ${said}` : said,
  ];
}

/** The ratio in tokens, which are what is learnt: 10 : 3.4. */
function tokensOf({ answerTokens }: MixTrial): string {
  if (answerTokens === null || answerTokens.business <= 0) return none;
  return `10 : ${figure((10 * answerTokens.generic) / answerTokens.business)}`;
}

function genericOf({ genericBefore, genericScore }: MixTrial): string {
  if (genericScore === null) return none;
  return genericBefore === null ? percent(genericScore) : `${percent(genericBefore)} → ${percent(genericScore)}`;
}

function riseOf({ genericExcess, genericExcessError }: MixTrial): string {
  if (genericExcess === null) return none;
  return genericExcessError === null
    ? figure(genericExcess)
    : `${figure(genericExcess)} ± ${figure(genericExcessError)}`;
}
