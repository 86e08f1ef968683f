/** What a reply, or the lack of one, means for the batch. Knows the faults of OpenAI-compatible servers; knows nothing of retries. */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { type Answer, completionOf } from './completion.js';
import { retryAfter } from './retryAfter.js';

/**
 * `use` an answer; `mark` one that was cut or refused; `wait-and-retry` when told to slow down; `retry` what passes;
 * `skip-record` what the server will never take; `stop-all` when a person must act.
 */
export type Act = 'use' | 'mark' | 'wait-and-retry' | 'retry' | 'skip-record' | 'stop-all';

export interface Judgement {
  act: Act;
  /** A short code, for counting. */
  reason: string;
  /** The server's words, 300 characters at most. */
  words: string;
  /** Fewer calls at once would help. */
  slower: boolean;
  /** Milliseconds the server asked to wait. */
  waitMilliseconds: number | null;
}

export type Reply = { body: unknown } | { error: unknown };

interface Rule {
  act: Act;
  reason: string;
  says: RegExp;
}

const noImages =
  /not support (image|vision)|no endpoints found that support image|not a multi-?modal|image(_url| input)?s?\b.{0,40}not (be )?support|unknown variant `image_url`/i;

/** What a person must see to, by the server's words; the first that fits. */
const lastingRules: readonly Rule[] = [
  {
    act: 'stop-all',
    reason: 'tooManyImages',
    says: /at most \d+ (image|multi-?modal)|too many images|number of images|limit-mm-per-prompt/i,
  },
  {
    act: 'stop-all',
    reason: 'wrongKey',
    says: /api[ _-]?key[ _](is )?(not valid|invalid|expired)|(invalid|incorrect)[ _]api[ _]?key/i,
  },
  {
    act: 'stop-all',
    reason: 'noImages',
    says: noImages,
  },
];

/** 400s (and what stands in for them). */
const requestRules: readonly Rule[] = [
  ...lastingRules,
  {
    act: 'stop-all',
    reason: 'unknownModel',
    says: /model_not_found|model\b.{0,120}(not found|does not exist)|pinned to|unknown model/i,
  },
  {
    act: 'stop-all',
    reason: 'unsupportedSetting',
    says: /unsupported_(parameter|value)|unsupported (parameter|value)|max_(completion_)?tokens is too large/i,
  },
  { act: 'stop-all', reason: 'streamsOnly', says: /only supports? stream|stream mode/i },
  { act: 'wait-and-retry', reason: 'slowDown', says: /throttl|rate[ _-]?limit|too many requests/i },
  {
    act: 'skip-record',
    reason: 'contentPolicy',
    says: /content[ _-]?(policy|filter|management)|responsible ?ai|safety system|moderation|flagged/i,
  },
  {
    act: 'skip-record',
    reason: 'tooLong',
    says: /context[ _]?(length|window|size)|too many tokens|too long|longer than the maximum/i,
  },
];

/** Used up, not merely too fast: neither waiting nor asking again helps. */
const quotaUsedUp =
  /insufficient_(user_)?quota|exceeded_current_quota|billing_(hard_limit_reached|not_active)|credit balance|arrearage|AllocationQuota|insufficient (balance|credit|fund)/i;
/** A 429 that says so of one request is about its size, not about the pace. */
const largerThanLimit = /request too large|must be reduced/i;
/** A 403 that no other key would mend: of the place, the account, or a wall against programs. */
const forbidden = /country|region|territory|must be verified|just a moment|attention required/i;
/** A 404 that speaks of none of these is about the path. */
const namesModel = /model|deployment|no endpoints found/i;
/** 4xx of servers that are busy or gave up, and of proxies before them. */
const passing4xx = new Set([408, 409, 421, 424, 425, 498, 499]);
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|wrong version number/;
/** What fetch says of an address that nothing can be asked of, and of a key that no header can hold. */
const noAddress = /unknown scheme|bad port|Invalid URL/;
const noHeader = /ByteString|invalid header value/i;

/** Judges one call. `now` in milliseconds since 1970, for a Retry-After that is a date. */
export function classifyFault(reply: Reply, now: number): Judgement {
  return readReply(reply, now).fault;
}

/** The same with the answer, where there is one. */
export function readReply(reply: Reply, now: number): { fault: Judgement; answer: Answer | null } {
  return 'body' in reply ? judgeBody(reply.body) : { fault: judgeError(reply.error, now), answer: null };
}

function judgeError(error: unknown, now: number): Judgement {
  if (error instanceof APIConnectionTimeoutError) {
    return judgement('retry', 'timeout', 'No whole reply came in time.', { slower: true });
  }
  if (error instanceof APIConnectionError) return judgeConnection(error);
  if (error instanceof APIError && error.status !== undefined) {
    const words = [error.code, error.type, error.message].filter(Boolean).join(' ');
    return judgeStatus(Number(error.status), words, retryAfter(error.headers, now));
  }
  if (error instanceof SyntaxError) return judgement('retry', 'notJson', error.message);
  return judgeConnection(error);
}

function judgeBody(body: unknown): { fault: Judgement; answer: Answer | null } {
  const completion = completionOf(body);
  if (completion.kind === 'error') {
    return { fault: judgeInside(completion.status, completion.words), answer: null };
  }
  if (completion.kind === 'none') return { fault: judgement('retry', 'notCompletion', completion.words), answer: null };
  const { answer } = completion;
  const { outcome, reason } = answer;
  return { fault: judgement(outcome === 'answered' ? 'use' : 'mark', reason ?? outcome, ''), answer };
}

/** Without a status that is one, the words alone tell what another call would not mend. */
function judgeInside(status: number | null, words: string): Judgement {
  if (status !== null && status >= 400) return judgeStatus(status, words, null);
  const judged = judgeStatus(400, words, null);
  return judged.act === 'stop-all' || judged.act === 'wait-and-retry' ? judged : judgeStatus(502, words, null);
}

function judgeStatus(status: number, words: string, waitMilliseconds: number | null): Judgement {
  if (status === 402 || (status < 500 && quotaUsedUp.test(words))) return judgement('stop-all', 'quotaUsedUp', words);
  if (status === 429) {
    if (largerThanLimit.test(words)) return judgement('skip-record', 'tooLong', words);
    return judgement('wait-and-retry', 'slowDown', words, { slower: true, waitMilliseconds });
  }
  if (status === 401) return judgement('stop-all', 'wrongKey', words);
  if (forbidden.test(words) && status === 403) return judgement('stop-all', 'forbidden', words);
  if (status === 404 && noImages.test(words)) return judgement('stop-all', 'noImages', words);
  if (status === 404) return judgement('stop-all', namesModel.test(words) ? 'unknownModel' : 'notAnEndpoint', words);
  if (status === 413) return judgement('skip-record', 'tooLarge', words);
  if (passing4xx.has(status)) return judgement('retry', `status${status}`, words);
  if (status > 500) return judgement('retry', `status${status}`, words, { slower: true, waitMilliseconds });
  if (status < 400 || status === 405) return judgement('stop-all', 'notAnEndpoint', words);
  const rule = (status === 500 ? lastingRules : requestRules).find(({ says }) => says.test(words));
  if (rule) return judgement(rule.act, rule.reason, words, { slower: rule.act === 'wait-and-retry', waitMilliseconds });
  if (status === 500) return judgement('retry', 'status500', words, { waitMilliseconds });
  if (status === 403) return judgement('stop-all', 'wrongKey', words);
  return judgement('skip-record', 'invalidRequest', words);
}

function judgeConnection(error: unknown): Judgement {
  const words = causes(error).join(': ');
  if (certificate.test(words)) return judgement('stop-all', 'certificate', words);
  if (noAddress.test(words)) return judgement('stop-all', 'notAnEndpoint', words);
  if (noHeader.test(words)) return judgement('stop-all', 'wrongKey', words);
  return judgement('retry', 'connection', words);
}

/** Fetch hides the cause (ECONNREFUSED, other side closed) two errors deep. */
function causes(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  return [error.message, ...code, ...(error.cause ? causes(error.cause) : [])].filter(Boolean);
}

function judgement(
  act: Act,
  reason: string,
  words: string,
  extra: Partial<Pick<Judgement, 'slower' | 'waitMilliseconds'>> = {},
): Judgement {
  const short = words
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
  return { act, reason, words: short, slower: false, waitMilliseconds: null, ...extra };
}
