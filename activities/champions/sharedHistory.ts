/** Histories of champions behind a mirror. The entries name models by the store's URIs, so that any machine finds them. */
import type { Mirror } from '../storage/mirror.js';
import type { SharedHistory } from './history.js';

export function sharedHistory(mirror: Mirror): SharedHistory {
  return {
    refresh: (folder) => mirror.bring(folder),
    once: (file, content) =>
      mirror.sendOnce(file, `${JSON.stringify(mirror.toStored(JSON.parse(content)), null, 2)}\n`),
    show: (file) => mirror.send(file),
    holds: (uri) => mirror.isStored(uri),
  };
}
