// @ts-check
/** `npm pack` and `npm publish` begin here (the script `prepack`). */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileToPublish } from './compiled.mjs';

await compileToPublish(path.resolve(fileURLToPath(new URL('../..', import.meta.url))));
