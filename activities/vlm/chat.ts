/** One chat completion through the official client, its own retries off: the limiter's are the only ones. */
import OpenAI, { APIConnectionTimeoutError } from 'openai';
import { problem } from '../../config/problems.js';
import type { Decoding, Endpoint } from '../../config/serving.js';
import type { Reply } from './faults.js';
import { leanFetch } from './leanFetch.js';

export type ChatMessages = OpenAI.ChatCompletionMessageParam[];

export interface Chat {
  /** Resolves with what came, good or bad; rejects only when the signal was aborted, with its reason. */
  complete(messages: ChatMessages, decoding: Decoding, signal: AbortSignal): Promise<Reply>;
}

interface ChatOptions {
  environment: (name: string) => string | undefined;
  replySeconds: number;
}

/** Throws EndpointRefused when the variable that holds the key is not set. */
export function openChat(endpoint: Endpoint, { environment, replySeconds }: ChatOptions): Chat {
  const replyMilliseconds = replySeconds * 1000;
  const client = new OpenAI({
    apiKey: keyOf(endpoint, environment),
    baseURL: endpoint.baseUrl,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: replyMilliseconds + 1, // of the whole reply, its body included; timers may be early by one
    logLevel: 'off',
    fetch: fetchWithWords,
  });
  let tokensName: 'max_tokens' | 'max_completion_tokens' = 'max_tokens';
  const send = async (messages: ChatMessages, decoding: Decoding, signal: AbortSignal): Promise<Reply> => {
    const began = performance.now();
    try {
      const { temperature, maximumTokens } = decoding;
      const request = { model: endpoint.model, messages, temperature, [tokensName]: maximumTokens };
      return { body: await client.chat.completions.create(request, { signal }) };
    } catch (error) {
      signal.throwIfAborted();
      return { error: performance.now() - began >= replyMilliseconds ? new APIConnectionTimeoutError() : error };
    }
  };
  return {
    async complete(messages, decoding, signal) {
      const reply = await send(messages, decoding, signal);
      if (tokensName !== 'max_tokens' || !wantsOtherTokensName(reply)) return reply;
      tokensName = 'max_completion_tokens';
      return await send(messages, decoding, signal);
    },
  };
}

/** Newer OpenAI models refuse `max_tokens` by name; every local server wants it. */
function wantsOtherTokensName(reply: Reply): boolean {
  return (
    'error' in reply &&
    reply.error instanceof OpenAI.BadRequestError &&
    /max_completion_tokens/.test(reply.error.message)
  );
}

function keyOf({ apiKeyVariable }: Endpoint, environment: ChatOptions['environment']): string {
  if (apiKeyVariable === null) return 'none';
  const key = environment(apiKeyVariable);
  if (key) return key;
  throw problem('EndpointRefused', {
    what: `The environment variable ${apiKeyVariable}, which should hold the endpoint's key, is not set.`,
    where: 'endpoint.apiKeyVariable',
    todo: `Set ${apiKeyVariable} where the workers run and start them again.`,
  });
}

/** The client drops the text of errors that are not `{error: …}`, such as FastAPI's `{detail: …}`; this keeps the server's words. */
async function fetchWithWords(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await leanFetch(input, init);
  if (response.status < 400) return response;
  const text = await response.text();
  const wrapped = /^\s*\{\s*"error"\s*:\s*\{/.test(text) ? text : JSON.stringify({ error: { message: text } });
  const headers = new Headers(response.headers);
  headers.set('content-type', 'application/json');
  return new Response(wrapped, { status: response.status, headers });
}
