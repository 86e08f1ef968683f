import { createServer, type Server } from 'node:net';
import { choosePort, holderOf, isPortFree } from '../../../cli/dev/ports.js';
import { freePort } from './supervisor.js';

const wishOf = (port: number, given: boolean) => ({ what: 'the Temporal server', flag: '--port', port, given });

describe('choosing a port', () => {
  let taken: number;
  let server: Server;

  beforeAll(async () => {
    taken = await freePort();
    server = createServer();
    await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
  });

  it('takes the wished one where it is free, and says nothing', async () => {
    const port = await freePort();
    const said: string[] = [];
    expect(await choosePort(wishOf(port, true), [], (line) => said.push(line))).toBe(port);
    expect(said).toEqual([]);
  });

  it('takes the next free one where nobody insisted, and says who has the wished one', async () => {
    const said: string[] = [];
    const port = await choosePort(wishOf(taken, false), [], (line) => said.push(line));
    expect(port).toBeGreaterThan(taken);
    expect(await isPortFree(port)).toBe(true);
    expect(said).toEqual([
      `Port ${taken} is taken by ${await holderOf(taken)}: the Temporal server uses ${port} (choose with --port).`,
    ]);
    expect(said[0]).toContain(`process ${process.pid}`);
  });

  it('never takes another where the user named it, and says the flag to change', async () => {
    await expect(choosePort(wishOf(taken, true), [], () => undefined)).rejects.toMatchObject({
      problem: {
        type: 'PortTaken',
        what: expect.stringContaining(`Port ${taken}, wanted for the Temporal server, is taken by`),
        todo: expect.stringContaining('--port'),
      },
    });
  });

  it('does not give two servers of one engine the same port', async () => {
    const port = await freePort();
    expect(await choosePort(wishOf(port, false), [port], () => undefined)).not.toBe(port);
  });
});
