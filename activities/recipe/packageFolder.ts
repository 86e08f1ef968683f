import { fileURLToPath } from 'node:url';

/** The package's own folder: the embedded model, its generic data and the trainer are in it. */
export const packageFolder = fileURLToPath(new URL('../../', import.meta.url));
