/**
 * A TLS front of a Temporal server that has none, on the loopback address: it asks for a client certificate of its own
 * authority and for an API key, and hands on each call as it is. Certificates are made by openssl, for an hour's use.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

const openssl = (...args: string[]) => promisify(execFile)('openssl', args);

/** Makes `ca`, `server` and `client`, and `stranger`, which another authority signed; a `.pem` and a `.key` each. */
export async function makeCertificates(folder: string): Promise<(name: string) => string> {
  const file = (name: string) => path.join(folder, name);
  const extensions = file('extensions');
  await writeFile(extensions, 'subjectAltName=IP:127.0.0.1\n');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const authority of ['ca', 'other'])
    await openssl('req', '-x509', ...key, '-subj', `/CN=${authority}`, '-days', '1', ...out(file(authority)));
  for (const [name, authority] of [
    ['server', 'ca'],
    ['client', 'ca'],
    ['stranger', 'other'],
  ] as const) {
    const request = file(`${name}.csr`);
    await openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', request);
    const signer = ['-CA', file(`${authority}.pem`), '-CAkey', file(`${authority}.key`), '-CAcreateserial'];
    const signed = ['-days', '1', '-extfile', extensions, '-out', file(`${name}.pem`)];
    await openssl('x509', '-req', '-in', request, ...signer, ...signed);
  }
  return file;
}

function out(file: string): string[] {
  return ['-keyout', `${file}.key`, '-out', `${file}.pem`];
}

export interface TlsProxy {
  address: string;
  /** Calls that passed. */
  calls(): number;
  close(): Promise<void>;
}

const unauthenticated = '16';

export async function startTlsProxy(to: string, file: (name: string) => string, apiKey: string): Promise<TlsProxy> {
  const [key, cert, ca] = await Promise.all(['server.key', 'server.pem', 'ca.pem'].map((name) => readFile(file(name))));
  const behind = connect(`http://${to}`);
  const server = createSecureServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true } as object);
  const sessions = new Set<{ destroy(): void }>();
  let calls = 0;
  server.on('session', (session) => sessions.add(session));
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers['authorization'] !== `Bearer ${apiKey}`) {
      const refusal = { 'grpc-status': unauthenticated, 'grpc-message': 'no such API key' };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
      return;
    }
    calls += 1;
    handOn(stream, headers, behind);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    async close() {
      behind.destroy();
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function handOn(stream: ServerHttp2Stream, headers: object, behind: ClientHttp2Session): void {
  const { ':scheme': _, ...rest } = headers as Record<string, string>;
  const call = behind.request(rest);
  stream.pipe(call);
  call.on('error', () => stream.destroy());
  stream.on('close', () => call.destroy());
  let trailers = {};
  call.on('trailers', (come) => {
    trailers = come;
  });
  call.on('response', (answer, flags) => {
    const endStream = (flags & 1) === 1;
    stream.respond(answer, { waitForTrailers: !endStream, endStream });
    if (endStream) return;
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    call.pipe(stream);
  });
}
