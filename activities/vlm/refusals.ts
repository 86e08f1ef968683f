/** Faults of an endpoint as a person reads them, with the server's words. */
import { type ProblemError, problem } from '../../config/problems.js';
import type { Endpoint } from '../../config/serving.js';
import type { Judgement } from './faults.js';

/** A person must act: another attempt would be answered the same. */
export function endpointRefused(endpoint: Endpoint, { reason, words }: Judgement): ProblemError {
  return problem('EndpointRefused', {
    what: `The endpoint refuses (${reason}): "${words}"`,
    where: placeOf(endpoint),
    todo:
      remedies(endpoint)[reason] ??
      'Ask the endpoint the same by hand, put right what it names, and start the run again.',
  });
}

/** Nobody is answered. What comes with status 200 and is no completion will not become one: the address is another program's. */
export function endpointSilent(endpoint: Endpoint, fault: Judgement, tried: string): ProblemError {
  return fault.reason === 'notCompletion'
    ? endpointRefused(endpoint, { ...fault, reason: 'notAnEndpoint' })
    : endpointUnavailable(endpoint, fault, tried);
}

/** The world's fault, perhaps a passing one: Temporal tries again, and what was answered is kept. */
export function endpointUnavailable(endpoint: Endpoint, { reason, words }: Judgement, tried: string): ProblemError {
  return problem('EndpointUnavailable', {
    what: `The endpoint does not answer (${reason}, ${tried}): "${words}"`,
    where: placeOf(endpoint),
    todo:
      reason === 'slowDown'
        ? 'Wait, raise the rate limit of the account, or lower the concurrency; the run tries again and asks only for what is missing.'
        : 'See that the server runs and can be reached; the run tries again and asks only for what is missing.',
  });
}

const latestDate = 8.64e15;

/** What a server asks for, for a person: how long it is, and until when. */
export function waitWords(milliseconds: number, now: number): string {
  const hours = milliseconds / 3_600_000;
  const wait = hours < 1 ? `${Math.round(milliseconds / 1000)} s` : `${Number(hours.toPrecision(3))} h`;
  const until = new Date(Math.min(now + milliseconds, latestDate)).toISOString().slice(0, 16);
  return `it asks to wait ${wait}, until ${until}Z`;
}

function placeOf({ baseUrl, model }: Endpoint): string {
  return `${baseUrl}, model ${model}`;
}

function remedies({ baseUrl, model, apiKeyVariable }: Endpoint): Record<string, string> {
  return {
    wrongKey: apiKeyVariable
      ? `Put a valid key into the environment variable ${apiKeyVariable} where the workers run.`
      : 'Name the environment variable that holds the key in endpoint.apiKeyVariable.',
    forbidden:
      'Ask from a place and an account that the server allows, or choose another endpoint; another key changes nothing.',
    unknownModel: `Set endpoint.model to one that GET ${baseUrl}/models lists ("${model}" is not known), and check endpoint.baseUrl.`,
    tooManyImages:
      'Raise the server’s limit of images a request (vLLM: --limit-mm-per-prompt \'{"image": 4}\'), or use records with fewer.',
    noImages: 'Choose a model that takes images, or start its server with them (llama.cpp: --mmproj).',
    quotaUsedUp: 'Top up the account, or wait for the next period, and start the run again.',
    unsupportedSetting: 'Change prompt.decoding in the recipe to what the model supports.',
    streamsOnly: 'Choose a model or a server that answers in one piece.',
    tooLong: 'Lower maximumTokens of the decoding, or raise the server’s context length (vLLM: --max-model-len).',
    tooLarge: 'Raise the limit of the server or of the proxy before it (nginx: client_max_body_size).',
    certificate: 'Let Node trust the certificate (NODE_EXTRA_CA_CERTS), or correct endpoint.baseUrl (https or http).',
    notAnEndpoint:
      'Correct endpoint.baseUrl: the address up to and without /chat/completions, most often ending in /v1.',
  };
}
