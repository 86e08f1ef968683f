/** Connections by client certificate and API key, both by configuration alone; the server proper is behind a TLS proxy. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { temporalSettings } from '../../connection/settings.js';
import { makeRoot, removeRoot } from '../cli/dev/supervisor.js';
import { anneal } from '../cli/shells.js';
import { makeCertificates, startTlsProxy, type TlsProxy } from './tlsProxy.js';

describe('a Temporal server behind TLS', () => {
  let root: string;
  let environment: TestWorkflowEnvironment;
  let proxy: TlsProxy;
  let env: NodeJS.ProcessEnv;
  let file: (name: string) => string;

  beforeAll(async () => {
    root = await makeRoot();
    file = await makeCertificates(root);
    const executable = process.env['ANNEAL_TEMPORAL_CLI'];
    environment = await TestWorkflowEnvironment.createLocal(
      executable ? { server: { executable: { type: 'existing-path', path: executable } } } : {},
    );
    proxy = await startTlsProxy(environment.address, file, 'a key');
    const profile = {
      address: proxy.address,
      api_key: 'a key',
      'tls.server_ca_cert_path': file('ca.pem'),
      'tls.client_cert_path': file('client.pem'),
      'tls.client_key_path': file('client.key'),
    };
    const lines = Object.entries(profile).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    env = { TEMPORAL_CONFIG_FILE: path.join(root, 'temporal.toml'), TEMPORAL_PROFILE: 'team' };
    await writeFile(path.join(root, 'temporal.toml'), `[profile.team]\n${lines.join('\n')}\n`);
  });
  afterAll(async () => {
    await proxy?.close();
    await environment?.teardown();
    await removeRoot(root);
  });

  const list = (changed: NodeJS.ProcessEnv = {}) => anneal(root, { ...env, ...changed }, 'schedule', 'list', '--json');

  it('is reached by commands with the certificates and the key of a profile', async () => {
    const before = proxy.calls();
    expect(await list()).toMatchObject({ code: 0, data: expect.stringContaining('"schedules": []') });
    expect(proxy.calls()).toBeGreaterThan(before);
  });

  it('is reached by workers with the same', async () => {
    const { connectionOptions, namespace } = temporalSettings(env);
    const connection = await NativeConnection.connect(connectionOptions);
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
    await connection.close();
    expect(namespaceInfo?.name).toBe('default');
  });

  it.each([
    ['a certificate of a stranger', (): NodeJS.ProcessEnv => pair('stranger'), 'does not answer'],
    ['another API key', () => ({ TEMPORAL_API_KEY: 'another' }), 'no such API key'],
    [
      'a server that another authority signed',
      () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('other.pem') }),
      'does not answer',
    ],
  ])('turns away %s, and the command says which server and which setting', async (_, changed, says) => {
    const { code, talk } = await list(changed());
    expect(code).toBe(3);
    expect(talk).toContain(says);
    expect(talk).toContain(`${proxy.address} (from profile team of temporal.toml)`);
  });

  function pair(name: string): NodeJS.ProcessEnv {
    return {
      TEMPORAL_TLS_CLIENT_CERT_PATH: file(`${name}.pem`),
      TEMPORAL_TLS_CLIENT_KEY_PATH: file(`${name}.key`),
    };
  }
});
