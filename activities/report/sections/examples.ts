/** Pictures with question, expected and given answer: failures first. */
import type { AnswerRow, Evaluation } from '../../../config/evaluation.js';
import { count, counted, percent, shortened } from '../format.js';
import { type Html, html } from '../html.js';
import type { Picture } from '../pictures.js';
import type { ReportView } from '../view.js';
import type { Section } from './parts.js';

/** Pictures with sides below this are shown enlarged, pixel by pixel. */
const smallPicture = 64;
/** Side in pixels that a small picture is enlarged to at most. */
const enlargedSide = 128;
/** Characters of a question or an answer that are shown. */
const mostCharacters = 600;

export function examples(view: ReportView): Section {
  const { facts, details } = view;
  const { before, after } = details.examples;
  const untuned = after.length > 0 ? 'Before, by the prompt alone' : 'By the prompt alone';
  return {
    id: 'examples',
    heading: 'Examples',
    short: 'Examples',
    lead: 'Held-out business items, failures first.',
    empty: 'There are no answers to show.',
    content:
      before.length + after.length > 0
        ? [
            after.length > 0 ? group('After tuning', after, facts.after.business, view) : null,
            before.length > 0 ? group(untuned, before, facts.before.business, view) : null,
          ]
        : null,
  };
}

function group(
  heading: string,
  rows: readonly AnswerRow[],
  evaluation: Evaluation | null,
  { pictures }: ReportView,
): Html {
  const right = rows.filter(({ score }) => score === 1).length;
  const of = evaluation
    ? ` of ${counted(evaluation.asked, 'answer')}; the score is ${percent(evaluation.score.mean)}`
    : '';
  return html`<h3>${heading} <small>${count(rows.length - right)} wrong and ${count(right)} right shown${of}</small></h3>
<div class="examples">${rows.map((row) => example(row, row.image === null ? null : (pictures.get(row.image) ?? null)))}</div>`;
}

function example(row: AnswerRow, picture: Picture | null): Html {
  const { id, question, expected, given, image } = row;
  const shown = picture
    ? img(picture, id)
    : html`<span class="missing">${image === null ? 'no picture' : 'picture not found'}</span>`;
  return html`<article class="example ${row.score === 1 ? 'right' : 'wrong'}"><div class="picture">${shown}</div><div class="said"><p class="asked">${shortened(question, mostCharacters)}</p>
<dl><dt>expected</dt><dd>${shortened(expected, mostCharacters)}</dd><dt>given</dt><dd>${given === null ? html`<i>nothing</i>` : given === '' ? html`<i>an empty answer</i>` : shortened(given, mostCharacters)}</dd></dl>
<p class="judged">${judged(row)} <code>${id}</code></p></div></article>`;
}

function img({ dataUri, width, height }: Picture, id: string): Html {
  const longest = Math.max(width, height);
  const small = longest < smallPicture;
  const times = small ? Math.max(1, Math.floor(enlargedSide / longest)) : Math.min(1, (enlargedSide * 2) / longest);
  return html`<img src="${dataUri}" alt="Picture of ${id}" width="${Math.round(width * times)}" height="${Math.round(height * times)}"${small ? html` class="pixels"` : null}>`;
}

/** A sign, a word, and the reason: never colour alone. */
function judged({ outcome, reason, valid, score, repaired }: AnswerRow): Html {
  if (outcome === 'cut') return html`<b>✕ cut off</b> ${reason}`;
  if (outcome === 'refused') return html`<b>✕ refused</b> ${reason}`;
  if (score === 1) return html`<b>✓ right</b>`;
  if (!valid) return html`<b>✕ wrong form</b>${repaired === 1 ? ' right after repair' : ''}`;
  return score > 0 ? html`<b>◐ ${percent(score)} right</b>` : html`<b>✕ wrong</b>`;
}
