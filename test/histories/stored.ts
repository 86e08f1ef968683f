/** Histories as they lie beside this file: Temporal's own JSON, gzipped. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const folder = path.dirname(fileURLToPath(import.meta.url));
const ending = '.json.gz';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface StoredHistory {
  /** Relative to this folder, without its ending: whole/boost. */
  name: string;
  workflowId: string;
  workflowType: string;
  /** What the workflow was started with. */
  input: unknown;
  /** What it returned; undefined where it did not complete. */
  result: unknown;
  /** By their type, such as EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED. */
  events: { eventType: string }[];
  /** What `Worker.runReplayHistory` takes. */
  history: object;
  /** Every text in it, payloads decoded. */
  text: string;
}

export function packed(history: Json): Buffer {
  return gzipSync(JSON.stringify(history), { level: 9 });
}

export function storedHistories(): StoredHistory[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending));
  return files.sort().map(stored);
}

function stored(file: string): StoredHistory {
  const history = JSON.parse(gunzipSync(readFileSync(path.join(folder, file))).toString());
  const start = history.events[0].workflowExecutionStartedEventAttributes;
  const texts: string[] = [];
  mapTexts(history, (text) => {
    texts.push(text);
    return text;
  });
  return {
    name: file.slice(0, -ending.length),
    workflowId: start.workflowId,
    workflowType: start.workflowType.name,
    input: payloadOf(start.input),
    result: payloadOf(history.events.at(-1).workflowExecutionCompletedEventAttributes?.result),
    events: history.events,
    history,
    text: texts.join('\n'),
  };
}

/** The first of some payloads. */
function payloadOf(payloads: { payloads: { data: string }[] } | undefined): unknown {
  const [first] = payloads?.payloads ?? [];
  return first && JSON.parse(Buffer.from(first.data, 'base64').toString());
}

/** The same history with other texts: keys, numbers and times stay; payloads are decoded before and encoded after. */
export function mapTexts(json: Json, change: (text: string) => string): Json {
  if (typeof json === 'string') return change(json);
  if (Array.isArray(json)) return json.map((each) => mapTexts(each, change));
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json).map(([key, value]): [string, Json] => {
    if (key === 'metadata') return [key, value];
    if (key === 'data' && 'metadata' in json && typeof value === 'string') {
      return [key, Buffer.from(change(Buffer.from(value, 'base64').toString())).toString('base64')];
    }
    return [key, mapTexts(value, change)];
  });
  return Object.fromEntries(entries);
}
