/** One server process of ours: what it is told, and whether it answers. Knows `transformers serve`. */
import { createServer } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { type Command, childEnvironment } from '../processes/detached.js';

/** The server listens here only: it asks nobody for a key. */
const host = '127.0.0.1';

export function baseUrlOf(port: number): string {
  return `http://${host}:${port}/v1`;
}

/** The command that serves one model, loaded before the port opens, and refuses requests for any other. */
export function serveCommand(python: string, model: string, { port, log }: { port: number; log: string }): Command {
  return {
    program: path.join(path.dirname(python), 'transformers'),
    arguments: ['serve', model, '--port', String(port), '--host', host],
    environment: childEnvironment({
      HF_HUB_OFFLINE: '1',
      PYTHONUNBUFFERED: '1',
      PYTHONNOUSERSITE: '1',
      // Threads that spin while they wait starve the others: 3 to 12 samples a second instead of 55 to 65 (bench of two trainers).
      OMP_WAIT_POLICY: 'PASSIVE',
    }),
    log,
  };
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system named no port.');
  return address.port;
}

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** True when the server is healthy and offers this model. Anything else, a refused connection too, is "not yet". */
export async function isServing(port: number, model: string): Promise<boolean> {
  const health = await ask(`http://${host}:${port}/health`);
  if (health === null) return false;
  const models = ModelList.safeParse(await ask(`${baseUrlOf(port)}/models`));
  return models.success && models.data.data.some(({ id }) => id === model);
}

/** What `fetch` throws when nobody listens, nobody answers in time, or the answer is no JSON. */
const noAnswer = new Set(['TypeError', 'TimeoutError', 'SyntaxError']);

/** The JSON of an answer; null when there is no answer, or no good one. */
async function ask(url: string): Promise<unknown> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return answer.ok ? await answer.json() : null;
  } catch (error) {
    if (noAnswer.has((error as Error).name)) return null;
    throw error;
  }
}
