/** Data, endpoint, plan, machine and command line: told by the code of each room. */
import { mkdir } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { jest } from '@jest/globals';
import sharp from 'sharp';
import { startReportServer } from '../../../activities/report/server.js';
import { keepSpec } from '../../../activities/training/keepSpec.js';
import { requireSpace } from '../../../activities/training/space.js';
import { createVlmActivities } from '../../../activities/vlm/index.js';
import { choosePort } from '../../../cli/dev/ports.js';
import { thisMachine } from '../../../cli/setup/machine.js';
import { ensureTemporalCli } from '../../../cli/setup/temporalCli.js';
import { TrainingSpec } from '../../../config/training.js';
import { build } from '../../activities/data/build.js';
import { depsOf, endpointOf } from '../../activities/vlm/builders.js';
import { type Reply, StandIn } from '../../activities/vlm/standIn.js';
import { holdSection, type Said, saidBy, saidOf } from './rows.js';
import { makeWorkplace, plainTrainer, recipeActivities, type Workplace } from './workplace.js';

jest.setTimeout(60_000);

let place: Workplace;
let busy: Server;
let busyPort: number;

beforeAll(async () => {
  place = await makeWorkplace();
  busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  busyPort = (busy.address() as AddressInfo).port;
});
afterAll(async () => {
  busy.close();
  await place.remove();
});

describe('errors: The data', () => {
  const answer = { kind: 'label', labels: ['yes', 'no'] } as const;
  const data = async (content: string | Buffer, name = 'records.jsonl'): Promise<Said> => {
    await place.file(name, content);
    return saidOf(() => build({ root: place.root, files: [name], answer }));
  };
  const records = (image: string, given = 'yes') =>
    data([1, 2].map((n) => `${JSON.stringify({ image, question: `Paid ${n}?`, answer: given })}\n`).join(''));
  const grey = { width: 64, height: 64, channels: 3, background: 'grey' } as const;

  holdSection('The data', {
    'data-empty': () => data(''),
    'data-picture': async () => data(await sharp({ create: grey }).png().toBuffer()),
    'data-binary': async () => data(Buffer.from([1, 2, 3, 0, 255, 254])),
    'data-broken': () => data('{"image": \n{"image": \n'),
    'data-column': () => data('image,question,total,paid\n1.png,Paid?,3,yes\n', 'records.csv'),
    'data-missing': () => records('gone.png'),
    'data-damaged': async () => {
      const whole = await sharp({ create: grey }).jpeg().toBuffer();
      await place.file('cut.jpg', whole.subarray(0, whole.length / 2));
      return records('cut.jpg');
    },
    'data-outside': () => records('../outside.png'),
    'data-remote': () => records('https://example.org/1.png'),
    'data-label': async () => {
      await place.file('good.png', await sharp({ create: grey }).png().toBuffer());
      return records('good.png', 'maybe');
    },
  });
});

describe('errors: The endpoint', () => {
  const key = { apiKeyVariable: 'VLM_API_KEY' };
  const probe = async (reply: Reply, set = true): Promise<Said> => {
    const server = new StandIn(() => reply);
    const endpoint = endpointOf(await server.start(), key);
    try {
      const { probeEndpoint } = createVlmActivities(depsOf({ environment: () => (set ? 'wrong' : undefined) }));
      return await saidOf(() => probeEndpoint({ endpoint }));
    } finally {
      await server.stop();
    }
  };

  holdSection('The endpoint', {
    'endpoint-key': () => probe({ status: 401, body: 'bad key' }),
    'endpoint-unset': () => probe({ status: 401, body: 'bad key' }, false),
    'endpoint-model': () => probe({ status: 404, body: 'The model does not exist' }),
    'endpoint-images': () => probe({ status: 400, body: 'This model does not support image input' }),
    'endpoint-quota': () => probe({ status: 402, body: 'Payment required' }),
    'endpoint-address': () => probe({ status: 405, body: 'Method Not Allowed' }),
    'endpoint-down': async () => {
      const server = new StandIn(() => ({ status: 200 }));
      const endpoint = endpointOf(await server.start());
      await server.stop();
      return saidOf(() => createVlmActivities(depsOf()).probeEndpoint({ endpoint }));
    },
  });
});

describe('errors: The plan', () => {
  const spec = (learningRate: number) =>
    TrainingSpec.parse({
      schema: 'anneal.training/1',
      key: 'run/coarse',
      model: 'model',
      train: { business: { uri: 'train.jsonl' }, mix: { business: 1, generic: 0 } },
      evaluate: {},
      learningRate,
      epochs: 1,
      batchSize: 8,
    });

  holdSection('The plan', {
    'plan-method': async () => {
      const input = { recipe: {}, ...(await place.task({ recipe: { training: { method: 'lora' } } })) };
      return saidOf(() => recipeActivities(place.root).resolveRecipe({ input, run: 'plan' }));
    },
    'plan-memory': async () => {
      const small = { ...plainTrainer, memoryBytes: 30e6 };
      const input = { recipe: {}, ...(await place.task({ baseModel: 'tiny', preset: undefined })) };
      const activities = recipeActivities(place.root, undefined, small);
      return saidOf(() => activities.resolveRecipe({ input, run: 'memory' }));
    },
    'plan-key': async () => {
      const folder = path.join(place.root, 'job');
      await keepSpec(folder, spec(0.001));
      return saidOf(() => keepSpec(folder, spec(0.002)));
    },
  });
});

describe('errors: The machine', () => {
  holdSection('The machine', {
    'space-start': async () => {
      const full = (folder: string) => requireSpace(folder, undefined, async () => 1e6);
      const input = { recipe: {}, ...(await place.task({})) };
      return saidOf(() => recipeActivities(place.root, full).resolveRecipe({ input, run: 'space' }));
    },
    'port-given': () => {
      const wish = { what: 'the Temporal server', flag: '--port', port: busyPort, given: true };
      return saidOf(() => choosePort(wish, [], () => undefined));
    },
    'port-reports': () => saidOf(() => startReportServer({ root: place.root, port: busyPort })),
    'temporal-cli': () => {
      const machine = { ...thisMachine(), env: { ANNEAL_TEMPORAL_CLI: '/nowhere/temporal' } };
      return saidOf(() => ensureTemporalCli(() => undefined, machine));
    },
  });
});

describe('errors: The command line', () => {
  const command = (...argv: string[]) => saidBy(place.root, {}, ...argv);
  holdSection('The command line', {
    'command-unknown': () => command('strat'),
    'command-option': () => command('run', 'x', '--wiat'),
    'command-argument': () => command('plan'),
    'command-set': () => command('plan', 'x', '--set', 'epochs'),
    'command-run': async () => {
      await mkdir(path.join(place.root, '.anneal', 'runs', 'boost-digits.0a1b2c3d'), { recursive: true });
      return command('report', 'digit');
    },
  });
});
