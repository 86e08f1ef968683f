/** Other trainers, each in an environment of its own in the user's cache. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, thisMachine } from '../../cli/setup/machine.js';
import { environmentOf } from './environment.js';

export const peers = {
  'llama-factory': {
    title: 'LLaMA-Factory',
    // torchaudio refuses a torch of another CUDA version, and its newest release is older than torch's.
    requirements: ['llamafactory==0.9.5', 'torch==2.11.0', 'torchaudio==2.11.0'],
  },
  'ms-swift': {
    title: 'ms-swift',
    requirements: ['ms-swift==4.6.0', 'torch==2.11.0', 'torchvision==0.26.0', 'qwen_vl_utils==0.0.14'],
  },
} as const;
export type PeerName = keyof typeof peers;

export const peerNames = Object.keys(peers) as PeerName[];

/** Its interpreter; the first time several GB are installed. Throws SetUpFailed. */
export function peerPython(name: PeerName): Promise<string> {
  return environmentOf(homeOf(name), peers[name].requirements);
}

export function removePeer(name: PeerName): Promise<void> {
  return rm(homeOf(name), { recursive: true, force: true });
}

function homeOf(name: PeerName): string {
  return path.join(cacheFolder(thisMachine()), `bench-${name}`);
}
