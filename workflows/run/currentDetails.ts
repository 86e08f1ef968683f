import type { BudgetStanding } from '../../config/budget.js';
import type { ReportFacts } from '../../config/report.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import { capNames, capsOf } from '../policies/budget/spending.js';
import { figure } from '../policies/wording.js';

/** The UI sends details as one query address, which proxies cut at 8 KB. */
const maximumLength = 4000;

export interface Whereabouts {
  recipe: ResolvedRecipe | null;
  /** Events to which a reset does a step again, by step. */
  began: ReadonlyMap<string, number>;
}

/** Markdown for the UI's current details: verdict, question, decisions (newest first), trainings. */
export function currentDetails(facts: ReportFacts, { recipe, began }: Whereabouts): string {
  const resets = [...began].map(([step, event]) => `${step} ${event}`).join(' · ');
  const head = [
    `### ${facts.verdict}`,
    ...(facts.question ? [`**A question for you:** ${facts.question}`] : []),
    `state **${facts.state}** · step **${facts.step}** · run ${facts.run}`,
    ...(facts.budget ? [budgetLine(facts.budget)] : []),
    ...(recipe ? [`report: ${recipe.runFolder}/report.html`] : []),
    ...(resets ? [`to do a step again, reset to its event: ${resets}`] : []),
  ];
  const decisions = [...facts.decisions]
    .reverse()
    .map(
      ({ id, rules, verdict, reason, overruled }) =>
        `- **${id}**${rules.length > 0 ? ` (${rules.join(' ')})` : ''}: **${verdict}**${overruled ? ' (overruled)' : ''}. ${reason}`,
    );
  const trainings = facts.trainings.map(
    ({ name, learningRate, mix, stopped }) =>
      `- ${name}: learning rate ${learningRate}, ${mix}${stopped ? ` · ${stopped}` : ''}`,
  );
  const sections = [...head, '#### Decisions', decisions.join('\n'), '#### Trainings', trainings.join('\n')];
  const text = sections.join('\n\n');
  return text.length <= maximumLength ? text : `${text.slice(0, maximumLength)}\n…`;
}

function budgetLine({ caps, spent }: BudgetStanding): string {
  const parts = capsOf(caps, spent).map(
    (each) => `${capNames[each.name]} **${figure(each.spent)}** of ${figure(each.cap)}`,
  );
  return `budget: ${parts.join(' · ') || 'no caps'}`;
}
