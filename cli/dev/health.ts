/** `GET /health` for those who look after processes: 200 while all is up, else 503. Listens on the loopback address. */
import { type Listening, listenHttp } from '../../activities/web/listening.js';
import { loopback } from './ports.js';

/** Answers with the standing of each part. Throws PortTaken. */
export function startHealthServer(port: number, parts: () => Record<string, boolean>): Promise<Listening> {
  return listenHttp(
    ({ url }, response) => {
      const standing = parts();
      const isUp = Object.values(standing).every(Boolean);
      const status = url !== '/health' ? 404 : isUp ? 200 : 503;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ up: standing }));
    },
    { what: 'the health check', host: loopback, port, todo: ': --health-port <port>.' },
  );
}
