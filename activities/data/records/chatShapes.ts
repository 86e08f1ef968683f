/** Rows whose turns stand in a list: messages, conversations, and what providers wrap round them. */
import { RowFault } from '../faults.js';
import { asText } from './answerText.js';
import {
  answerTextOf,
  historyTurns,
  listIn,
  type RawRecord,
  type RawTurn,
  type Row,
  readTurn,
  rowImages,
  systemTurns,
  textTurn,
  turnsOf,
} from './chat.js';
import type { RowShape } from './shape.js';

const isList = Array.isArray;
const isObject = (value: unknown): value is Row => typeof value === 'object' && value !== null && !isList(value);
const isSet = (value: unknown) => value !== null && value !== undefined;

/**
 * OpenAI, Anthropic (`system` beside it), TRL and ms-swift; with `chosen` and `rejected` (LLaMA-Factory) or
 * `rejected_response` (ms-swift) a pair.
 */
export const messages: RowShape = {
  name: 'messages',
  fits: (row) => turnList(row['messages']) !== undefined,
  read: (row, { fields }) => chat(row, turnsIn(row['messages']), fields.image),
};

export const conversations: RowShape = {
  name: 'conversations',
  fits: (row) => turnList(row['conversations']) !== undefined,
  read: (row, { fields }) => chat(row, turnsIn(row['conversations']), fields.image),
};

/** ShareGPT as ms-swift reads it, and the `texts` of The Cauldron: one object a round. */
export const conversation: RowShape = {
  name: 'conversation',
  fits: (row) => isList(row['conversation']) || isRounds(row['texts']),
  read(row, { fields }) {
    const turns = turnsIn(row['conversation'] ?? row['texts']);
    const made = chat(row, turns, fields.image);
    // Its pictures have no places: they are what the first question is about.
    return isList(row['conversation']) ? made : { ...made, layout: 'question' };
  },
};

const isRound = (value: unknown) => isObject(value) && !('role' in value || 'from' in value);
const isRounds = (value: unknown) =>
  isList(value) && value.length > 0 && value.every((each) => isRound(each) && 'assistant' in each);

/** Turns as a list, as the text of one, or as lists of their roles and texts. */
function turnList(value: unknown): unknown[] | undefined {
  if (isList(value)) return value;
  if (!isObject(value)) return listIn(value);
  const [said, spoken] = [value['content'] ?? value['value'], value['role'] ?? value['from']];
  if (!isList(said) || !isList(spoken) || said.length !== spoken.length) return undefined;
  return spoken.map((role, at) => ({ role, content: said[at] }));
}

function turnsIn(value: unknown): RawTurn[] {
  return (turnList(value) ?? []).flatMap((each) => (isRound(each) ? roundOf(each as Row) : [readTurn(each)]));
}

/** A question and its answer in one object. Throws `RowFault` where it holds neither. */
function roundOf(round: Row): RawTurn[] {
  const { human, user, assistant, gpt } = round;
  if (![human, user, assistant, gpt].some(isSet)) return [readTurn(round)];
  return historyTurns([[human ?? user ?? '', assistant ?? gpt ?? '']]);
}

/** OpenAI's pairs: the question, then a list with one answer each. */
export const preference: RowShape = {
  name: 'preference',
  fits: (row) => isObject(row['input']) && isList(row['input']['messages']) && 'preferred_output' in row,
  read(row, { fields }) {
    const { messages: asked } = row['input'] as { messages: unknown[] };
    const turns = [...asked.map(readTurn), ...turnsOf(row['preferred_output'], 'assistant')];
    return { ...chat(row, turns, fields.image), rejected: answerTextOf(row['non_preferred_output']) };
  },
};

/** A request of OpenAI's batch API, of chat or of responses: a question whose answer is in another file. */
export const batch: RowShape = {
  name: 'batch',
  fits: (row) => isObject(row['body']) && 'custom_id' in row,
  read(row) {
    const body = row['body'] as Row;
    const turns = turnsOf(body['messages'] ?? body['input'], 'user');
    const instructions = { system: body['instructions'] ?? body['system'] };
    return { ...bare(systemTurns(instructions, turns)), unanswered: 'declared' };
  },
};

/** TRL: a prompt with its completion, or with a better and a worse one, which may hold the prompt themselves. */
export const prompt: RowShape = {
  name: 'prompt',
  fits: ({ prompt: asked, completion, chosen, rejected }) =>
    isSet(asked) ? isSet(completion) || (isSet(chosen) && isSet(rejected)) : isList(chosen) && isList(rejected),
  read(row, { fields }) {
    const { prompt: asked, completion, chosen, rejected } = row;
    const turns = [...(isSet(asked) ? turnsOf(asked, 'user') : []), ...turnsOf(completion ?? chosen, 'assistant')];
    const pair = isSet(chosen) && isSet(rejected) ? answerTextOf(rejected) : null;
    return { ...bare(systemTurns(row, turns)), images: rowImages(row, fields.image), rejected: pair };
  },
};

function chat(row: Row, given: RawTurn[], image: string): RawRecord {
  const turns = systemTurns(row, given);
  const { chosen, rejected, label } = row;
  const refused = refusedBy(row);
  if (refused) throw new RowFault('answerUndesired', refused);
  const asked = turns.at(-1)?.role === 'user';
  if (asked && isSet(chosen)) turns.push(...turnsOf(chosen, 'assistant').slice(-1));
  else if (asked && isSet(row['messages']) && isSet(label))
    turns.push(textTurn('assistant', asText(label, 'answerNotText')));
  const worse = row['rejected_response'] ?? row['rejected_messages'] ?? (isSet(chosen) ? rejected : null);
  return { ...bare(turns), images: rowImages(row, image), rejected: isSet(worse) ? answerTextOf(worse) : null };
}

/** KTO marks bad answers, and OpenAI and ms-swift those that are not learnt. */
function refusedBy(row: Row): string | null {
  if (row['kto_tag'] === false || row['label'] === false) return 'the row itself marks its answer as undesirable';
  const turns = row['messages'] ?? row['conversations'];
  const last: unknown = isList(turns) ? turns.at(-1) : null;
  if (isObject(last) && (last['weight'] === 0 || last['loss'] === false))
    return 'the row says that its last answer is not to be learnt (weight 0)';
  return null;
}

function bare(turns: RawTurn[]): RawRecord {
  return { layout: 'chat', turns, images: [], rejected: null, unanswered: 'absent', repairs: [] };
}
