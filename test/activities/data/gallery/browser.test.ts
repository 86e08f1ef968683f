import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openDataset } from '../../../../activities/data/dataset.js';
import { writeGallery } from '../../../../activities/data/gallery/writeGallery.js';
import { openBrowser } from '../../report/browser.js';
import { freshFolder, removeFreshFolders } from '../build.js';
import { asked, rejected, type Stored, used, writeStored } from '../storedDataset.js';

jest.setTimeout(180_000);

let browser: Browser;
let url: string;
let text: string;

const hostile = '</script><script>document.title="broken"</script><img src=x onerror=alert(1)>';

function dataset(): Stored {
  const train = Array.from({ length: 60 }, (_, index) =>
    asked(`t${index}`, {
      answer: index % 2 ? 'even' : 'odd',
      images: [`images/p${index % 7}-${index}.png`],
      question: `Question ${index}`,
    }),
  );
  const test = [
    asked('hostile', { question: hostile, answer: hostile, images: ['images/x.png'] }),
    asked('contradicts', { question: 'Question 1', answer: 'odd', images: ['images/p1-1.png'] }),
    asked('variant', { from: { record: 't3', by: 'multipleChoice' }, images: ['images/y.png'] }),
  ];
  const ledger = [
    ...train.map(({ id }, index) => used(id, 'train', index + 1)),
    ...test.map(({ id }, index) => used(id, 'test', index + 100)),
    rejected(200, 'imageNotFound', `"${hostile}" is not in the data folder`),
    rejected(201, 'tooLong'),
  ];
  return { records: { train, test }, ledger };
}

beforeAll(async () => {
  browser = await openBrowser();
  const folder = freshFolder();
  await writeStored(folder, dataset());
  const { file } = await writeGallery(await openDataset(folder), () => undefined);
  url = pathToFileURL(file).href;
  text = readFileSync(file, 'utf8');
});

afterAll(async () => {
  await browser.close();
  removeFreshFolders();
});

/** Opens the gallery; tells what went wrong in it and what it asked for. */
async function open(width = 1200, at = '') {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.setDefaultTimeout(150_000);
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (asked) => requests.push(asked.url()));
  await page.goto(`${url}${at}`);
  return { page, errors, requests };
}

const cards = (page: Page) => page.locator('#page .one').count();
const where = (page: Page) => page.locator('#where').textContent();

describe('the gallery in a browser', () => {
  it.each([390, 1200])(
    'at %d pixels fits its width, logs nothing, and asks for its own pictures only',
    async (width) => {
      const { page, errors, requests } = await open(width);
      const fits = await page.evaluate('document.scrollingElement.scrollWidth <= innerWidth');
      const folder = path.posix.dirname(url);
      await page.close();
      expect(fits).toBe(true);
      expect(errors).toEqual([]);
      expect(requests.filter((each) => !each.startsWith(folder) && !each.startsWith('data:'))).toEqual([]);
    },
  );

  it('shows its pictures', async () => {
    const { page } = await open();
    const widths = '[...document.querySelectorAll("#glance img")].map((image) => image.naturalWidth)';
    await page.waitForFunction(`${widths}.every((width) => width === 24)`);
    expect(await page.evaluate(`${widths}.length`)).toBe(20);
    await page.close();
  });

  it('turns pages of 48 cards', async () => {
    const { page } = await open();
    expect(await where(page)).toBe('1 to 48 of 65 cards');
    await page.click('#next');
    expect([await where(page), await cards(page)]).toEqual(['49 to 65 of 65 cards', 17]);
    await page.close();
  });

  it('filters by split, fate, reason, answer, origin and text', async () => {
    const { page } = await open();
    const chosen: string[] = [];
    for (const [name, value] of [
      ['split', 'test'],
      ['fate', 'rejected'],
      ['reason', 'tooLong'],
      ['answer', 'even'],
      ['from', 'multipleChoice'],
    ] as const) {
      await page.selectOption(`select[name=${name}]`, value);
      chosen.push(`${name} ${await cards(page)}`);
      await page.selectOption(`select[name=${name}]`, '');
    }
    await page.fill('input[name=text]', 'question 59');
    expect([...chosen, `text ${await cards(page)}`]).toEqual([
      'split 3',
      'fate 2',
      'reason 1',
      'answer 30',
      'from 1',
      'text 1',
    ]);
    await page.click('button[type=reset]');
    await page.waitForFunction('document.getElementById("where").textContent.endsWith("of 65 cards")');
    await page.close();
  });

  it('keeps the filters in its address', async () => {
    const { page } = await open(1200, '#?split=test');
    expect(await cards(page)).toBe(3);
    await page.selectOption('select[name=fate]', 'used');
    expect(page.url()).toContain('split=test&fate=used');
    await page.close();
  });

  it('shows the rows behind a bar of the summary', async () => {
    const { page } = await open();
    await page.click('.bars button[data-reason=tooLong]');
    expect(await page.locator('#page .one').allTextContents()).toEqual([expect.stringContaining('rejected: tooLong')]);
    await page.click('.bars button[data-answer=even]');
    expect(await cards(page)).toBe(30);
    await page.close();
  });

  it('puts contradictions side by side', async () => {
    const { page } = await open();
    const shown = await page.locator('#conflicts .one').allTextContents();
    await page.close();
    expect(shown).toHaveLength(2);
    expect(shown.join()).toMatch(/t1 .*contradicts|t1.*contradicts/s);
  });

  it('shows what a record says as text', async () => {
    const { page } = await open();
    await page.fill('input[name=text]', 'broken');
    const shown = await page.locator('#page .answer').textContent();
    const title = await page.title();
    await page.close();
    expect(shown).toBe(hostile);
    expect(title).toMatch(/: dataset$/);
    expect(text.match(/<script/g)).toHaveLength(2);
  });
});
