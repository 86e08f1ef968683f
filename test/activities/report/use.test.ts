import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import type { ReportFacts } from '../../../config/report.js';
import { placesIn } from './places.js';
import { recipe } from './recipe.js';
import { pageOf, sectionOf, temporaryFolder } from './rendering.js';
import { answerRow } from './runFiles.js';

jest.setTimeout(120_000);

const python = process.env['ANNEAL_PYTHON'] ?? 'python3';
const places = placesIn('/nowhere');

/** The commands of a page, as a person copies them. */
function commandsOf(changes: Partial<ReportFacts>, question = 'Which digit is this?') {
  const rows = { before: [], after: [answerRow('one', { question })] };
  const section = sectionOf(
    pageOf(() => changes, { examples: rows }),
    'use',
  );
  const command = (language: string) =>
    section
      .match(new RegExp(`data-language="${language}">([\\s\\S]*?)</pre>`))?.[1]
      ?.replace(/&quot;/g, '"')
      .replace(/&#39;/g, "'")
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&amp;/g, '&');
  return { shell: command('shell'), python: command('python') };
}

/** A server that speaks chat completions, keeps what it was asked and answers 7. */
async function standIn() {
  const asked: { authorization: string | undefined; body: unknown }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      asked.push({ authorization: request.headers.authorization, body: JSON.parse(text) });
      const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: '7' } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 0, model: 'm', choices: [choice] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}/v1`, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe('how to use the result', () => {
  it('serves a tuned model from its folder', () => {
    const modelUri = "file:///runs/it's%20mine/model";
    const { shell } = commandsOf({ result: { kind: 'model', modelUri, endpointModel: null } });
    expect(shell).toBe("HF_HUB_OFFLINE=1 transformers serve '/runs/it'\\''s mine/model' --port 8000");
  });

  it('asks by three lines of Python that send the prompt, the limit and the picture of the evaluation', async () => {
    const server = await standIn();
    const folder = await temporaryFolder();
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    await sharp(picture).toFile(path.join(folder, 'picture.png'));
    const base = recipe(places);
    const prompt = { system: 'You read "digits".', template: 'Look:\n{question} \\ Answer with one digit.' };
    const endpoint = { baseUrl: server.url, model: 'vendor/vlm', apiKeyVariable: 'VENDOR_KEY', server: null };
    const facts = {
      recipe: { ...base, endpoint, task: { ...base.task, prompt } },
      result: { kind: 'prompt' as const, modelUri: null, endpointModel: null },
    };
    const { shell, python: lines = '' } = commandsOf(facts, 'Which digit is "this" <here>?');
    const { stdout } = await promisify(execFile)(python, ['-c', lines], {
      cwd: folder,
      env: { ...process.env, VENDOR_KEY: 'secret' },
    });
    await server.close();
    expect(shell).toBeUndefined();
    expect(lines.split('\n')).toHaveLength(3);
    expect(stdout.trim()).toBe('7');
    const url = `data:image/png;base64,${picture.toString('base64')}`;
    const text = 'Look:\nWhich digit is "this" <here>? \\ Answer with one digit.';
    expect(server.asked).toEqual([
      {
        authorization: 'Bearer secret',
        body: {
          model: 'vendor/vlm',
          temperature: 0,
          max_tokens: 64,
          messages: [
            { role: 'system', content: 'You read "digits".' },
            {
              role: 'user',
              content: [
                { type: 'image_url', image_url: { url } },
                { type: 'text', text },
              ],
            },
          ],
        },
      },
    ]);
  });

  it('serves the untouched model where a prompt is enough and nobody else serves it', () => {
    const { shell, python: lines } = commandsOf({
      result: { kind: 'prompt', modelUri: 'file:///models/tiny', endpointModel: null },
    });
    expect(shell).toContain("transformers serve '/models/tiny'");
    expect(lines).toContain('base_url="http://127.0.0.1:8000/v1"');
  });
});
