/** What this run was made with: overrides of the recipe's numbers first, then versions and digests. */
import { z } from 'zod';
import type { ResolvedRecipe } from '../../../config/resolved.js';
import { RecipeSettings } from '../../../config/settings.js';
import { type Html, html } from '../html.js';
import type { ReportView } from '../view.js';
import { fold, nothing, pairs, type Section, table } from './parts.js';

export function settings({ facts: { recipe } }: ReportView): Section {
  return {
    id: 'settings',
    heading: 'Settings',
    short: 'Settings',
    lead: 'What differs from the recipe’s defaults, and where it was set.',
    empty: 'The recipe was not resolved.',
    content: recipe
      ? [
          overrides(recipe),
          html`<div class="beside"><div class="stack"><h3>Versions</h3>${pairs(Object.entries(recipe.versions))}</div><div class="stack"><h3>Digests</h3>${pairs(Object.entries({ ...recipe.digests, model: recipe.model.digest }))}</div></div>`,
          fold('Every setting of this run', table(['Setting', 'Value'], leaves(recipe.settings))),
        ]
      : null,
  };
}

const origins = {
  preset: 'the preset',
  task: 'the task file',
  run: 'this run’s input',
  lora: 'LoRA: ten times the rate of full tuning',
} as const;

function overrides({ provenance, model }: ResolvedRecipe): Html {
  if (provenance.length === 0) return nothing('Every setting is the recipe’s default.');
  const rows = provenance.map(({ path, value, instead, from }) => [
    html`<code>${path}</code><small class="what">${descriptionOf(path)}</small>`,
    html`<b>${spaced(value)}</b>`,
    spaced(instead),
    from === 'preset' ? `${origins.preset} ${model.preset}` : origins[from],
  ]);
  return table(['Setting', 'Value', 'Instead of', 'From'], rows, 'overrides');
}

/** Lists with a space after each comma, so that lines can break there. */
function spaced(value: string): string {
  return value.replaceAll(',', ', ');
}

const Described = z.looseObject({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
const schema = Described.parse(z.toJSONSchema(RecipeSettings, { io: 'input' }));

/** What the schema says of a setting, its R-number included; null where it says nothing. */
function descriptionOf(path: string): string | null {
  let at = schema;
  for (const key of path.split('.')) {
    const below = Described.safeParse(at.properties?.[key]);
    if (!below.success) return null;
    at = below.data;
  }
  return at.description ?? null;
}

function leaves(value: object, prefix = ''): (readonly [Html, string])[] {
  return Object.entries(value).flatMap(([key, below]: [string, unknown]) =>
    typeof below === 'object' && below !== null && !Array.isArray(below)
      ? leaves(below, `${prefix}${key}.`)
      : [
          [
            html`<code>${prefix}${key}</code>`,
            spaced(typeof below === 'string' ? below : JSON.stringify(below)),
          ] as const,
        ],
  );
}
