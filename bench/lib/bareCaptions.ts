/**
 * The loop that one writes by hand, as a process of its own: `tsx bareCaptions.ts FOLDER OUT BASE_URL CONCURRENCY`. The
 * official client with its own retries, so many calls at once, a line of JSON for each answer.
 */
import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import OpenAI from 'openai';
import { captionPrompt } from '../../config/captioning.js';

const [folder = '', out = '', baseURL = '', concurrency = '8'] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'none' });

const lines = createWriteStream(out);
const began = performance.now();
const cpu = process.cpuUsage();
const names = await readdir(folder, { recursive: true });
const pictures = names.filter((name) => name.endsWith('.png')).values();
let answered = 0;
let failed = 0;

async function caption(name: string): Promise<void> {
  const url = `data:image/png;base64,${(await readFile(path.join(folder, name))).toString('base64')}`;
  try {
    const completion = await client.chat.completions.create({
      model: 'fake',
      max_tokens: 512,
      temperature: 0,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url } },
            { type: 'text', text: captionPrompt },
          ],
        },
      ],
    });
    lines.write(`${JSON.stringify({ name, caption: completion.choices[0]?.message.content })}\n`);
    answered += 1;
  } catch {
    failed += 1;
  }
}

async function worker(): Promise<void> {
  for (const name of pictures) await caption(name);
}

await Promise.all(Array.from({ length: Number(concurrency) }, worker));
await new Promise((resolve) => lines.end(() => resolve(null)));
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(`${JSON.stringify({ answered, failed, seconds, cpuSeconds: (user + system) / 1e6 })}\n`);
