import { createVlmActivities } from '../../../activities/vlm/index.js';
import { depsOf, endpointOf } from './builders.js';
import { ok, type Reply, StandIn } from './standIn.js';

async function probe(reply: (calls: number) => Reply, images = 1) {
  const server = new StandIn(() => reply(server.calls.length));
  const endpoint = endpointOf(await server.start());
  try {
    await createVlmActivities(depsOf()).probeEndpoint({ endpoint, images });
    return server;
  } finally {
    await server.stop();
  }
}

describe('probeEndpoint', () => {
  it('asks once, with a picture, and is content with any answer', async () => {
    const server = await probe(() => ok('grey'));
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]).toMatchObject({ images: 1, body: { max_tokens: 8 } });
  });

  it.each([
    ['an unknown model', 404, 'model not found', 'model not found'],
    ['a wrong key', 401, 'bad key', 'bad key'],
    ['a text-only model', 400, 'This model does not support image input', 'takes images'],
    ['an image limit', 400, 'at most 1 image per request', '--limit-mm-per-prompt'],
    ['any other refusal', 400, 'cannot identify image file', 'cannot identify image file'],
  ])('stops at %s with the server’s words or the remedy', async (_name, status, body, says) => {
    const probed = probe(() => ({ status, body }));
    await expect(probed).rejects.toMatchObject({ problem: { type: 'EndpointRefused' } });
    await expect(probed).rejects.toThrow(says);
  });

  it('tries a passing fault again', async () => {
    const server = await probe((calls) => (calls === 1 ? { status: 503, body: 'loading model' } : ok('grey')));
    expect(server.calls).toHaveLength(2);
  });

  it('says unavailable, not refused, when the fault stays', async () => {
    await expect(probe(() => ({ status: 503, body: 'loading model' }))).rejects.toMatchObject({
      problem: { type: 'EndpointUnavailable', what: expect.stringContaining('loading model') },
    });
  });

  it('says that the address is another program’s when all it gives is a page of HTML', async () => {
    const page = { status: 200, body: '<html>Welcome</html>', headers: { 'content-type': 'text/html' } };
    const probed = probe(() => page);
    await expect(probed).rejects.toMatchObject({ problem: { type: 'EndpointRefused' } });
    await expect(probed).rejects.toThrow('endpoint.baseUrl');
  });
});
