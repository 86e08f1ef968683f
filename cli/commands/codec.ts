/** `anneal codec`: the codec server by itself, for a Temporal server that is not the embedded one. */
import type { Command } from 'commander';
import { exitCodes, problem } from '../../config/problems.js';
import { keyVariables } from '../../connection/keys.js';
import { printResult, type Shell } from '../shell.js';
import { type JsonOption, parsePort, type Runner, subcommand } from './shared.js';

const about =
  'Let Temporal’s web page and the `temporal` command read encrypted runs: a server that encrypts and decrypts with ' +
  'the keys of ANNEAL_ENCRYPTION_KEYS, ANNEAL_ENCRYPTION_KEY_FILE, or this folder, until Ctrl-C. Only pages of the named ' +
  'origins may ask. Where ANNEAL_CODEC_TOKEN is set, who asks must send it as a bearer token; elsewhere than on ' +
  '127.0.0.1 it must be set. `anneal start --encrypt` and `anneal dev` bring a codec server of their own.';

interface CodecOptions extends JsonOption {
  port: number;
  host: string;
  origin: string[];
}

export function addCodec(program: Command, run: Runner): void {
  subcommand(
    program,
    'codec',
    { summary: 'let Temporal’s web page read encrypted runs', about },
    'anneal codec --origin https://temporal.example',
  )
    .option('--port <port>', 'port to listen on', parsePort, 8235)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--origin <url...>', 'where Temporal’s web page is opened: scheme, name and port', [
      'http://127.0.0.1:8233',
    ])
    .action(run(codec));
}

async function codec(shell: Shell, { port, host, origin, json }: CodecOptions): Promise<number> {
  const { folderKeys } = await import('../folderKeys.js');
  const { EncryptionCodec } = await import('../../connection/codec.js');
  const { startCodecServer } = await import('../codecServer.js');
  const keys = folderKeys(shell);
  if (keys === null) throw withoutKeys(shell.root);
  const token = shell.env['ANNEAL_CODEC_TOKEN'] || undefined;
  if (token === undefined && host !== '127.0.0.1') throw openToAll(host);
  const origins = origin.map(originOf);
  const server = await startCodecServer({ codec: new EncryptionCodec(keys), port, host, origins, token });
  printResult(shell, Boolean(json), { url: server.url, origins, keys: [...keys.byId.keys()] }, [
    'The codec server runs. Ctrl-C ends it.',
    `  endpoint  ${server.url}`,
    `  pages of  ${origins.join(', ')}`,
    `  keys      ${[...keys.byId.keys()].join(', ')} (${keys.from})`,
  ]);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  await server.close();
  return exitCodes.done;
}

/** As a browser sends it. Throws InvalidInput. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && url.origin !== 'null') return url.origin;
  throw problem('InvalidInput', {
    what: `"${text}" is not the address of a web page.`,
    where: '--origin',
    todo: 'Give scheme, name and port, such as https://temporal.example or http://127.0.0.1:8233.',
  });
}

function withoutKeys(where: string): Error {
  return problem('InvalidInput', {
    what: 'There is no encryption key.',
    where,
    todo: `Set ${keyVariables.file} to the file that the workers have, or make a key for this folder: anneal start --encrypt.`,
  });
}

function openToAll(host: string): Error {
  return problem('InvalidInput', {
    what: 'Who reaches this address could read every run: no token is set.',
    where: `--host ${host}`,
    todo: 'Set ANNEAL_CODEC_TOKEN, and put TLS in front; or leave --host away, which is 127.0.0.1.',
  });
}
