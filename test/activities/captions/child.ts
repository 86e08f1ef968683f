/** A worker of its own process, to be killed: captions one window from its JSON argument. */
import { captionWindow } from '../../../activities/captions/captionWindow.js';
import { depsOf } from '../vlm/builders.js';

await captionWindow(depsOf(), JSON.parse(process.argv[2] ?? ''));
