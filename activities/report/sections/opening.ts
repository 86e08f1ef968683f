/** The verdict in one sentence, the state, what goes on, and what a person is asked. */
import { readQuestion } from '../../../config/questions.js';
import type { ReportFacts } from '../../../config/report.js';
import { duration, moment, prose, secondsBetween } from '../format.js';
import { type Html, html } from '../html.js';
import { isOpen, recipeSteps, stateWords, stepWord } from '../words.js';

export function opening(facts: ReportFacts): Html {
  const { state, verdict, recipe, run } = facts;
  const { sign, word } = stateWords[state];
  return html`<header>
<p class="crumb"><span class="brand">Anneal</span> <span class="task">${recipe?.task.name ?? run}</span> <span class="badge ${state}"><span aria-hidden="true">${sign}</span> ${word}</span></p>
<h1>${prose(verdict)}</h1>
${recipe?.task.description ? html`<p class="about">${recipe.task.description}</p>` : null}
<p class="meta">${metaOf(facts).map((each) => html`<span>${each}</span> `)}</p>
${facts.question ? asked(facts.question, facts.workflowId) : null}
${facts.failure ? html`<div class="notice bad"><h2>What went wrong</h2><pre>${facts.failure}</pre></div>` : null}
${isOpen(state) ? progress(facts) : null}
</header>\n`;
}

function metaOf({ run, recipe, startedAt, updatedAt, state }: ReportFacts): string[] {
  const seconds = secondsBetween(startedAt, updatedAt);
  return [
    `Run ${run}`,
    ...(recipe ? [`Base model ${recipe.model.architecture}, preset ${recipe.model.preset}`] : []),
    `Started ${moment(startedAt)}`,
    ...(seconds === null ? [] : [`${isOpen(state) ? 'Going for' : 'Took'} ${duration(seconds)}`]),
    `Written ${moment(updatedAt)}`,
  ];
}

/** The question, and the very messages that answer it, ready to be copied. */
function asked(question: string, workflowId: string): Html {
  const { text, answers } = readQuestion(question);
  const how = answers.map(
    ({ update, input }, at) =>
      html`<p>${at === 0 ? 'To answer' : 'Or'}, send the run the update <b>${update}</b> with this:</p><pre class="copy">${JSON.stringify(input, null, 2)}</pre>
<p>In Temporal’s page: the run’s menu, “Send an Update”. Or in a terminal:</p>
<pre class="copy">temporal workflow update execute --workflow-id ${quoted(workflowId)} --name ${update} --input ${quoted(JSON.stringify(input))}</pre>`,
  );
  return html`<div class="notice ask" role="status"><h2>A question for you</h2><p class="question">${prose(text)}</p>${how}</div>`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function progress({ step, steps, state }: ReportFacts): Html {
  const done = new Map(steps.map(({ name, seconds }) => [name, seconds]));
  const known = Object.keys(recipeSteps);
  const names = known.includes(step) ? known : [...known, step];
  const here = names.indexOf(step);
  const items = names.map((name, index) => {
    const seconds = done.get(name);
    const now = index === here;
    const was = !now && (seconds !== undefined || index < here);
    const mark = now ? (state === 'waiting' ? 'now asks' : 'now') : was ? 'was' : '';
    const beside = now
      ? html`<small>${state === 'waiting' ? 'waits for you' : 'going on'}</small>`
      : seconds === undefined
        ? null
        : html`<small>${duration(seconds)}</small>`;
    return html`<li class="${mark}"${now ? html` aria-current="step"` : null}><span>${stepWord(name)}</span>${beside}</li>`;
  });
  return html`<ol class="progress" aria-label="Steps of the recipe">${items}</ol>`;
}
