/** Does the model answer at all: asked once, before anything is paid or trained. */
import type { Endpoint } from '../../config/serving.js';
import { openChat } from './chat.js';
import { systemClock } from './clock.js';
import { controlDecoding, controlMessages } from './control.js';
import type { VlmDeps } from './deps.js';
import { classifyFault } from './faults.js';
import { backOff } from './limiter.js';
import { defaultLimits } from './limits.js';
import { endpointRefused, endpointSilent, endpointUnavailable, waitWords } from './refusals.js';

/** Tries at passing faults; Temporal comes again after that. */
const probeTries = 3;

/**
 * Shows the model a grey picture (`images` of them, the most that a record has; 1 by default). Throws EndpointRefused with
 * the server's words (key, model, no images, too many, quota), or EndpointUnavailable.
 */
export async function probeEndpoint(deps: VlmDeps, input: { endpoint: Endpoint; images?: number }): Promise<void> {
  const { endpoint, images = 1 } = input;
  const clock = deps.clock ?? systemClock;
  const limits = { ...defaultLimits, ...deps.limits };
  const signal = deps.signal();
  const chat = openChat(endpoint, { environment: deps.environment, replySeconds: limits.replySeconds });
  const messages = await controlMessages(images);
  for (let tried = 1; ; tried += 1) {
    const reply = await chat.complete(messages, controlDecoding, signal);
    const fault = classifyFault(reply, clock.now());
    if (fault.act === 'use' || fault.act === 'mark') return;
    if (fault.act === 'stop-all' || fault.act === 'skip-record') throw endpointRefused(endpoint, fault);
    const asked = fault.waitMilliseconds ?? 0;
    if (asked > limits.longestWaitSeconds * 1000)
      throw endpointUnavailable(endpoint, fault, waitWords(asked, clock.now()));
    const pause = Math.max(asked, backOff(tried, limits, clock.random()));
    if (tried === probeTries) throw endpointSilent(endpoint, fault, `${tried} tries`);
    await clock.sleep(pause, signal);
  }
}
