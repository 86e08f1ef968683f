/** From a record and what models said of it to one proposal, or the reason why there is none. */
import path from 'node:path';
import type {
  Agreement,
  Change,
  MeaningCheck,
  RewriteLedgerRow,
  RewritePlan,
  rewriteFates,
} from '../../config/rewriting.js';
import { agreedAnswer } from '../../workflows/policies/rewriting/agreement.js';
import { formFix, isLossless } from '../../workflows/policies/rewriting/formFix.js';
import { failedCheck, meaningChecks } from '../../workflows/policies/rewriting/keepsMeaning.js';
import { isAnswer, repairText } from '../../workflows/policies/scoring/text.js';
import { withoutThoughts } from '../../workflows/policies/scoring/thoughts.js';
import { comparable, tidy } from '../data/records/answerText.js';
import { answerDigest, type Reviews } from '../data/records/reviews.js';
import { sha256, toPath } from '../storage/files.js';
import { digestOf, questionText, type RewriteItem, textOf } from './items.js';
import { promptDigest, unchangedWord } from './prompts.js';
import type { Told } from './questioner.js';

type Fate = (typeof rewriteFates)[number];

/** What is known of a new answer before it becomes a proposal. */
export interface Candidate {
  after: string;
  reason: string;
  /** null where a rule made it. */
  model: string | null;
  agreement: Agreement | null;
  checks: MeaningCheck[];
  rank: number;
}

/** No proposal: what became of the record instead. */
export interface Fallen {
  fate: Exclude<Fate, 'proposed' | 'accepted' | 'refusedBefore'>;
  reason: string;
  given: string | null;
}

export function isFallen(outcome: Candidate | Fallen): outcome is Fallen {
  return 'fate' in outcome;
}

/** The scorer's own repairs where they suffice: no model is paid for a missing bracket. */
export function byRule(plan: RewritePlan, { before }: RewriteItem): Candidate | null {
  const { answer, purpose } = plan;
  const after = purpose === 'format' && before !== null ? formFix(answer, before) : null;
  if (after === null || before === null) return null;
  const reason = 'The same answer in the declared form; a rule made it, no model.';
  return { after, reason, model: null, agreement: null, checks: meaningChecks(plan, before, after), rank: 0 };
}

/** From one rewrite (purposes format and style). */
export function byRewrite(plan: RewritePlan, item: RewriteItem, told: Told): Candidate | Fallen {
  const { answer, purpose, endpoint } = plan;
  const before = item.before ?? '';
  const text = spoken(told);
  if (typeof text !== 'string') return text;
  const after = tidy(answer.kind === 'text' ? withoutFence(text) : repairedIfOdd(text));
  if (after === unchangedWord || after === before) return fallen('unchanged', 'the model sees nothing to change', null);
  const checks = meaningChecks(plan, before, after);
  const failed = failedCheck(checks);
  if (failed) return fallen('withheld', `${failed.name}: ${failed.detail}`, after);
  const reason = purpose === 'format' ? 'The answer did not have the declared form.' : 'In the target style.';
  return { after, reason, model: endpoint.model, agreement: null, checks, rank: 0 };
}

/** From several blind answers (purposes correct and answer). */
export function byAgreement(plan: RewritePlan, item: RewriteItem, runs: readonly Told[]): Candidate | Fallen {
  const { answer, endpoint } = plan;
  const said = runs.map(spoken);
  const texts = said.filter((each) => typeof each === 'string').map((text) => tidy(repairedIfOdd(text)));
  const [first] = said.filter((each) => typeof each !== 'string');
  if (texts.length === 0) return first ?? fallen('malformed', 'no run gave an answer', null);
  const agreed = agreedAnswer(answer, texts, item.before);
  if (agreed === null) return fallen('unchanged', notAgainst(texts, item.before), null);
  const { answer: after, agreement, rank } = agreed;
  const checks = meaningChecks(plan, after, after).filter(({ name }) => name === 'form');
  const failed = failedCheck(checks);
  if (failed) return fallen('withheld', `${failed.name}: ${failed.detail}`, after);
  return { after, reason: agreementWords(agreement, item.before), model: endpoint.model, agreement, checks, rank };
}

function notAgainst(texts: readonly string[], label: string | null): string {
  return label === null
    ? 'the runs gave no answer'
    : `no other answer was given by more than half of ${texts.length} runs`;
}

function agreementWords({ agree, of, label }: Agreement, before: string | null): string {
  if (before === null) return `${agree} of ${of} runs gave this answer.`;
  return `${agree} of ${of} runs gave this answer, ${label} the one that stands there.`;
}

/** The text of an answer, or what became of the call. */
function spoken(told: Told): string | Fallen {
  if (told.outcome === 'excluded') return fallen('unreached', told.reason, null);
  const { outcome, reason } = told;
  const given = told.given === null ? null : withoutThoughts(told.given);
  if (outcome === 'refused') return fallen('declined', reason ?? 'refused', given);
  if (outcome === 'cut') return fallen('malformed', 'the answer was cut off at the token limit', given);
  if (given === null || given.trim() === '') return fallen('malformed', 'the answer is empty', given);
  if (!isAnswer(given)) return fallen('declined', 'the model declined to answer', given);
  return given;
}

export function fallen(fate: Fallen['fate'], reason: string, given: string | null): Fallen {
  return { fate, reason: reason.slice(0, 400), given: given?.slice(0, 2000) ?? null };
}

/** Fences, quotes and preamble go; a full stop that a sentence ends with stays. */
function repairedIfOdd(text: string): string {
  const repaired = repairText(text);
  return `${repaired}.` === text.trim() ? text.trim() : repaired;
}

function withoutFence(text: string): string {
  return text.replace(/^\s*```\w*\n([\s\S]*?)\n?```\s*$/, '$1');
}

/** The line of changes.jsonl, and the ledger's; a proposal that a person refused before is not made again. */
export function changeOf(
  plan: RewritePlan,
  item: RewriteItem,
  candidate: Candidate,
  { dataset, reviews }: { dataset: string; reviews: Reviews },
): { change: Change | null; row: RewriteLedgerRow } {
  const { answer, purpose, acceptLossless } = plan;
  const { record, source, line, question, before } = item;
  const { after, reason } = candidate;
  const was = answerDigest(before);
  const id = sha256(JSON.stringify([question, was, purpose, after])).slice(0, 16);
  const lossless = purpose === 'format' && before !== null && isLossless(answer, before, after);
  const decided = reviews.decisionOn(question, id);
  const fate: Fate =
    decided?.decision === 'refuse' ? 'refusedBefore' : lossless && acceptLossless ? 'accepted' : 'proposed';
  const row: RewriteLedgerRow = { record, source, line, fate, change: id, reason, given: null };
  if (fate === 'refusedBefore')
    return { change: null, row: { ...row, reason: `refused by ${decided?.by}`, given: after } };
  const { model, agreement, checks, rank } = candidate;
  const change: Change = {
    id,
    run: plan.run,
    record,
    source,
    line,
    question,
    was,
    content: contentDigest(item),
    images: item.images.map(digestOf),
    pictures: item.images.map((image) => relativeTo(plan, path.join(toPath(dataset), image))),
    asked: questionText(item),
    before,
    after,
    purpose,
    reason,
    model,
    endpoint: model === null ? null : plan.endpoint.baseUrl,
    prompt: model === null ? null : promptDigest(plan),
    agreement,
    checks,
    lossless,
    rank,
    status: fate === 'accepted' ? 'accepted' : 'proposed',
  };
  return { change, row };
}

export function ledgerRow({ record, source, line }: RewriteItem, { fate, reason, given }: Fallen): RewriteLedgerRow {
  return { record, source, line, fate, change: null, reason, given };
}

/** Of question and answer by their texts, so that a source can be looked through without its pictures. */
export function contentDigest({ messages, before }: Pick<RewriteItem, 'messages' | 'before'>): string {
  const texts = messages.map((message) => [message.role, comparable(textOf(message))]);
  return sha256(JSON.stringify([texts, answerDigest(before)])).slice(0, 16);
}

/** With forward slashes, as pages and spreadsheets want them. */
function relativeTo({ folder }: RewritePlan, file: string): string {
  return path.relative(toPath(folder), file).split(path.sep).join('/');
}
