/** Opens the reader's browser. */
import { spawn } from 'node:child_process';
import { problem } from '../config/problems.js';

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', linux: 'xdg-open' };

/** Shows a file or an address, and does not wait. Throws `InvalidInput` where no program does that. */
export function openInBrowser(target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(openers[process.platform] ?? 'xdg-open', [target], { detached: true, stdio: 'ignore' });
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
    child.once('error', () => reject(noBrowser(target)));
  });
}

function noBrowser(target: string): Error {
  return problem('InvalidInput', {
    what: 'No program was found that opens a browser.',
    where: target,
    todo: 'Open that address by hand.',
  });
}
