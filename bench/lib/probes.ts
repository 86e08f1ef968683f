/** The parity gate as the step `evaluate` puts it: the same probes to the trainer's own code and to a server. */
import path from 'node:path';
import { compareParity } from '../../activities/evaluation/parity.js';
import { toUri } from '../../activities/storage/files.js';
import type { AnswerKind } from '../../config/evaluation.js';
import type { Parity } from '../../config/report.js';
import type { Prompt } from '../../config/resolved.js';
import type { Decoding } from '../../config/serving.js';
import { parityGate } from '../../workflows/policies/parityGate.js';
import type { Workbench } from './workbench.js';

/** What both sides are asked. */
export interface ProbeSet {
  /** Held-out records. */
  setUri: string;
  probes: number;
  seed: number;
  prompt: Prompt;
  answer: AnswerKind;
  decoding: Decoding;
  concurrency: number;
  /** Share of answers that must be equal. */
  agreement: number;
}

/** The model as the trainer has it. */
export interface Offline {
  model: string;
  adapter: string | null;
}

export interface Gated {
  parity: Parity;
  gate: ReturnType<typeof parityGate>;
}

/** Answers of the trainer's own process. Returns the URI of the file. */
export async function offlineAnswers(workbench: Workbench, set: ProbeSet, offline: Offline, folder: string) {
  const { setUri, probes: limit, seed, prompt, decoding } = set;
  const { maximumTokens } = decoding;
  const input = { ...offline, setUri, limit, seed, prompt, maximumTokens, into: toUri(folder) };
  return (await workbench.answerOffline(input)).answersUri;
}

/** Answers of a real server of this model. Returns the URI of the file. */
export async function servedAnswers(workbench: Workbench, set: ProbeSet, model: string, folder: string) {
  const { setUri, probes: limit, seed, prompt, answer, decoding, concurrency } = set;
  return workbench.serving(model, path.join(folder, 'serving'), async (endpoint) => {
    const asked = { name: 'probes', endpoint, setUri, limit, seed, prompt, answer, decoding, concurrency };
    return (await workbench.evaluateOverEndpoint({ ...asked, into: toUri(folder) })).answersUri;
  });
}

export async function gated(set: ProbeSet, offlineUri: string, answersUri: string): Promise<Gated> {
  const parity = await compareParity({ offlineUri, answersUri, answer: set.answer });
  return { parity, gate: parityGate(parity, { agreement: set.agreement }) };
}
