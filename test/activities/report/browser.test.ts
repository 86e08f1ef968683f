import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { openBrowser } from './browser.js';
import { decision } from './decisions.js';
import { doneFacts, earlyFacts } from './facts.js';
import { placesIn } from './places.js';
import { render, temporaryFolder } from './rendering.js';
import { answerRow, writeLines, writeRunFiles } from './runFiles.js';

jest.setTimeout(180_000);

const long = 'Unbreakable'.repeat(60);
let browser: Browser;
const pages: Record<string, string> = {};

beforeAll(async () => {
  browser = await openBrowser();
  const places = placesIn(await temporaryFolder());
  const facts = doneFacts(places);
  await writeRunFiles(facts);
  const folder = (name: string) => `${places.run}/../${name}`;
  pages['done'] = (await render(facts, places.run)).reportUri;
  pages['early'] = (await render(earlyFacts(places), folder('early'))).reportUri;
  const question = `promptFirst is cannotTell. ${long} {"decision":"promptFirst","verdict":"${long}","by":"you","why":"so"}`;
  const waiting = {
    state: 'failed' as const,
    verdict: long,
    question,
    decisions: [decision(long, { reason: long, evidence: { [long]: long } })],
  };
  await writeLines(facts.after.business?.answersUri ?? '', [
    answerRow(long, { question: long, expected: long, given: long, score: 0 }),
  ]);
  pages['long'] = (
    await render({ ...facts, ...waiting, run: long, testReads: [long], failure: long }, folder('long'))
  ).reportUri;
});

afterAll(() => browser.close());

/** Opens a page at a width; tells what went wrong in it and what it asked for. */
async function open(url: string, width: number, colorScheme: 'light' | 'dark' = 'light') {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (asked) => requests.push(asked.url()));
  await page.goto(url);
  return { page, errors, requests };
}

describe('the report in a browser', () => {
  it.each([
    ['done', 390],
    ['done', 1200],
    ['early', 390],
    ['early', 1200],
    ['long', 390],
    ['long', 1200],
  ])('%s at %d pixels fits its width, logs nothing, and asks for nothing but itself', async (name, width) => {
    const { page, errors, requests } = await open(pages[name] ?? '', width);
    const fits = await page.evaluate('document.scrollingElement.scrollWidth <= innerWidth');
    await page.close();
    expect(fits).toBe(true);
    expect(errors).toEqual([]);
    const beside = requests.filter((url) => !url.startsWith('data:') && url !== new URL(pages[name] ?? '').href);
    expect(beside).toEqual([]);
  });

  it.each([390, 1200])('is drawn whole at %d pixels', async (width) => {
    const { page } = await open(pages['done'] ?? '', width);
    const shot = await sharp(await page.screenshot({ fullPage: true })).metadata();
    const height = await page.evaluate('document.scrollingElement.scrollHeight');
    await page.close();
    expect(shot).toMatchObject({ width, height });
  });

  it('shows every picture and every drawing', async () => {
    const { page } = await open(pages['done'] ?? '', 1200);
    const widths = await page.evaluate('[...document.images].map((image) => image.naturalWidth)');
    const drawings = await page.locator('svg[role="img"]:visible').count();
    await page.close();
    expect(widths).toEqual(Array(18).fill(8));
    expect(drawings).toBe(8);
  });

  it('is dark where the reader’s system is, drawings included, and light on paper', async () => {
    const { page } = await open(pages['done'] ?? '', 1200, 'dark');
    const seen = `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('#curves path[stroke="#0072b2"]')).stroke]`;
    expect(await page.evaluate(seen)).toEqual(['rgb(20, 22, 25)', 'rgb(92, 179, 232)']);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate(seen)).toEqual(['rgb(255, 255, 255)', 'rgb(0, 114, 178)']);
    await page.close();
  });
});
