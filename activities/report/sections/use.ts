/** How to use the result: a server and three lines of Python that ask as the evaluation asked. */
import type { ReportFacts } from '../../../config/report.js';
import type { ResolvedRecipe } from '../../../config/resolved.js';
import { toPath } from '../../storage/files.js';
import { type Html, html } from '../html.js';
import type { ReportView } from '../view.js';
import type { Section } from './parts.js';

const localPort = 8000;

/** Where the result is asked; `serve` is the command that makes it so, null for somebody else's endpoint. */
interface Place {
  serve: string | null;
  baseUrl: string;
  model: string;
  apiKeyVariable: string | null;
}

export function use({ facts, details }: ReportView): Section {
  const { recipe, result } = facts;
  const place = recipe && result ? placeOf(recipe, result) : null;
  const asked = [...details.examples.after, ...details.examples.before][0]?.question;
  const lead =
    result?.kind === 'prompt'
      ? 'A prompt is enough: ask the untouched model like this.'
      : 'The tuned model is a folder: serve it, then ask it by the OpenAI client or any other of that protocol.';
  return {
    id: 'use',
    heading: 'How to use the result',
    short: 'Use it',
    lead,
    empty: 'This run has no result to use.',
    content: recipe && place ? commands(recipe, place, recipe.business.question ?? asked ?? 'Your question') : null,
  };
}

function commands(recipe: ResolvedRecipe, place: Place, question: string): (Html | null)[] {
  const code = (language: string, text: string) => html`<pre class="copy" data-language="${language}">${text}</pre>`;
  return [
    place.serve ? html`<div class="stack"><h3>Serve it</h3>${code('shell', place.serve)}</div>` : null,
    html`<div class="stack"><h3>Ask it</h3>${code('python', pythonOf(recipe, place, question))}</div>`,
    html`<p class="note">Same prompt, temperature and token limit as in this report’s figures; with others the figures do not hold.</p>`,
  ];
}

function placeOf(
  recipe: ResolvedRecipe,
  { kind, modelUri, endpointModel }: NonNullable<ReportFacts['result']>,
): Place | null {
  if (kind === 'prompt' && recipe.endpoint) {
    const { baseUrl, model, apiKeyVariable } = recipe.endpoint;
    return { serve: null, baseUrl, model: endpointModel ?? model, apiKeyVariable };
  }
  const folder = modelUri === null ? null : toPath(modelUri);
  if (folder === null) return null;
  const serve = `HF_HUB_OFFLINE=1 transformers serve '${folder.replaceAll("'", `'\\''`)}' --port ${localPort}`;
  return { serve, baseUrl: `http://127.0.0.1:${localPort}/v1`, model: folder, apiKeyVariable: null };
}

/** Three lines. JSON's strings are Python's. */
function pythonOf(
  { task, settings }: ResolvedRecipe,
  { baseUrl, model, apiKeyVariable }: Place,
  question: string,
): string {
  const { system, template } = task.prompt;
  const { temperature, maximumTokens } = settings.prompt.decoding;
  const key = apiKeyVariable === null ? '"none"' : `os.environ[${JSON.stringify(apiKeyVariable)}]`;
  const said = JSON.stringify(template.split('{question}').join(question));
  const content = `[{"type": "image_url", "image_url": {"url": image}}, {"type": "text", "text": ${said}}]`;
  const first = system === null ? '' : `{"role": "system", "content": ${JSON.stringify(system)}}, `;
  const messages = `[${first}{"role": "user", "content": ${content}}]`;
  return [
    `import base64, ${apiKeyVariable === null ? '' : 'os, '}openai`,
    'image = "data:image/png;base64," + base64.b64encode(open("picture.png", "rb").read()).decode()',
    `print(openai.OpenAI(base_url=${JSON.stringify(baseUrl)}, api_key=${key}).chat.completions.create(model=${JSON.stringify(model)}, temperature=${temperature}, max_tokens=${maximumTokens}, messages=${messages}).choices[0].message.content)`,
  ].join('\n');
}
