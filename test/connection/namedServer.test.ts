import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadClientConfigFromToml, toClientOptions } from '@temporalio/envconfig';
import { serverEnvironment } from '../../cli/dev/server.js';
import { namedServer } from '../../connection/namedServer.js';
import { makeRoot, removeRoot } from '../cli/dev/supervisor.js';
import { snippets } from '../docs/pages.js';

const toml = `
[profile.default]
namespace = "ours"

[profile.team]
address = "temporal.example:7233"
namespace = "team"
api_key = "secret"
`;

describe('which Temporal server is used', () => {
  let root: string;
  let file: string;
  beforeAll(async () => {
    root = await makeRoot();
    file = path.join(root, 'temporal.toml');
    await writeFile(file, toml);
  });
  afterAll(() => removeRoot(root));

  it('is the embedded one where neither a variable nor a profile names an address', () => {
    expect(namedServer({ TEMPORAL_CONFIG_FILE: path.join(root, 'none.toml') })).toBeNull();
    expect(namedServer({ TEMPORAL_CONFIG_FILE: file })).toBeNull();
  });

  it('is the one of TEMPORAL_ADDRESS', () => {
    expect(
      namedServer({ TEMPORAL_CONFIG_FILE: path.join(root, 'none.toml'), TEMPORAL_ADDRESS: 'there:1' }),
    ).toMatchObject({
      address: 'there:1',
      namespace: 'default',
      from: 'TEMPORAL_ADDRESS',
    });
  });

  it('is the one of the profile, with its key and namespace', () => {
    expect(namedServer({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'team' })).toMatchObject({
      address: 'temporal.example:7233',
      namespace: 'team',
      from: 'profile team of temporal.toml',
      connection: { apiKey: 'secret', tls: true },
    });
  });

  it('is refused with the file and what to do where the settings can’t be read', () => {
    expect(() => namedServer({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'nobody' })).toThrow(
      /can't be read.*where: .*temporal\.toml.*\[profile\.default\]/s,
    );
  });

  it('is refused with the file that is not there, or the half of a pair that is missing', () => {
    const env = { TEMPORAL_CONFIG_FILE: path.join(root, 'none.toml'), TEMPORAL_ADDRESS: 'there:1' };
    const TEMPORAL_TLS_CLIENT_CERT_PATH = path.join(root, 'client.pem');
    expect(() => namedServer({ ...env, TEMPORAL_TLS_CLIENT_CERT_PATH })).toThrow(
      /certificate is given .* but no client key.*TEMPORAL_TLS_CLIENT_KEY_PATH/s,
    );
    const pair = { TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH: path.join(root, 'client.key') };
    expect(() => namedServer({ ...env, ...pair })).toThrow(/can't be read: ENOENT.*client\.pem/s);
  });

  it('is read from a profile as docs/security.md shows it', async () => {
    const [shown] = snippets('toml').filter(({ of }) => of === 'profiles');
    const toml = (shown?.text ?? '').replaceAll('/etc/anneal', root);
    for (const name of ['client.pem', 'client.key', 'ca.pem']) await writeFile(path.join(root, name), name);
    const { profiles } = loadClientConfigFromToml(Buffer.from(toml), { strict: true });
    expect(Object.keys(profiles)).toEqual(['team', 'cloud']);
    expect(toClientOptions(profiles['team'] ?? {}).connectionOptions.tls).toMatchObject({
      clientCertPair: { crt: Buffer.from('client.pem'), key: Buffer.from('client.key') },
      serverRootCACertificate: Buffer.from('ca.pem'),
    });
    expect(toClientOptions(profiles['cloud'] ?? {}).connectionOptions).toMatchObject({ apiKey: '…', tls: true });
  });

  it('keeps a key that is meant for another server from the workers of an embedded one', () => {
    const env = { PATH: '/bin', TEMPORAL_PROFILE: 'team', TEMPORAL_API_KEY: 'secret', TEMPORAL_CONFIG_FILE: file };
    const told = serverEnvironment(env, { address: '127.0.0.1:7233', namespace: 'default' }, false);
    expect(told).toMatchObject({ PATH: '/bin', TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_NAMESPACE: 'default' });
    expect(told).not.toHaveProperty('TEMPORAL_API_KEY');
    expect(namedServer(told)?.connection).toEqual(expect.not.objectContaining({ apiKey: expect.anything() }));
  });
});
