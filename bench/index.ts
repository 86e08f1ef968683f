/** `npm run bench -- NAME [options]`: one command a claim. */
import { describeProblem, exitCodes } from '../config/problems.js';
import { didYouMean } from '../config/suggest.js';

const benches: Record<string, () => Promise<unknown>> = {
  build: () => import('./build.js'),
  captions: () => import('./captions.js'),
  fuzz: () => import('./fuzz.js'),
  generic: () => import('./generic.js'),
  halving: () => import('./halving.js'),
  hindsight: () => import('./hindsight.js'),
  loaders: () => import('./loaders.js'),
  overhead: () => import('./overhead.js'),
  parity: () => import('./parity.js'),
  plantedFaults: () => import('./plantedFaults.js'),
  promotion: () => import('./promotion.js'),
  rounds: () => import('./rounds.js'),
  sanity: () => import('./sanity.js'),
  storage: () => import('./storage.js'),
  sweep: () => import('./sweep.js'),
  throughput: () => import('./throughput.js'),
  watchdog: () => import('./watchdog.js'),
};

const [name = ''] = process.argv.splice(2, 1);
const named = benches[name];
if (named) await named();
else {
  const near = didYouMean(name, Object.keys(benches));
  const says = {
    what: `There is no bench "${name}".${near ? ` Did you mean "${near}"?` : ''}`,
    where: 'npm run bench -- NAME',
    todo: `Name one of ${Object.keys(benches).join(', ')}; NAME --help tells its options.`,
  };
  process.stderr.write(`${describeProblem(says)}\n`);
  process.exitCode = exitCodes.yourInput;
}
