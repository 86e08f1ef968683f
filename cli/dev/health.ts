/** `GET /health` for those who look after processes: 200 while all is up, else 503. Listens on the loopback address. */
import { createServer } from 'node:http';
import { choosePort, loopback } from './ports.js';

/** Answers with the standing of each part. Throws PortTaken. */
export async function startHealthServer(
  port: number,
  parts: () => Record<string, boolean>,
): Promise<{ close(): Promise<void> }> {
  await choosePort({ what: 'the health check', flag: '--health-port', port, given: true }, [], () => undefined);
  const server = createServer(({ url }, response) => {
    const standing = parts();
    const isUp = Object.values(standing).every(Boolean);
    const status = url !== '/health' ? 404 : isUp ? 200 : 503;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ up: standing }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, loopback, resolve);
  });
  return {
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
