import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { readDecisions } from '../../../activities/rewriting/review/csvFile.js';
import { wordDiff } from '../../../activities/rewriting/review/diff.js';
import { reviewPage } from '../../../activities/rewriting/review/page.js';
import type { Change } from '../../../config/rewriting.js';
import { freshFolder, removeFreshFolders } from '../data/build.js';
import { openBrowser } from '../report/browser.js';

jest.setTimeout(120_000);

const run = 'rewrite-test-style.1a2b3c4d';

function changeOf(index: number, over: Partial<Change> = {}): Change {
  return {
    id: `id-${index}`,
    run,
    record: `record-${index}`,
    source: 'records.jsonl',
    line: index + 1,
    question: `question-${index}`,
    was: 'digest',
    content: 'digest',
    images: ['picture'],
    pictures: ['../pictures/a b#1.png'],
    asked: 'What is on the picture?',
    before: 'cat on a mat',
    after: 'A cat is on a mat.',
    purpose: 'style',
    reason: 'In the target style.',
    model: 'stand-in',
    endpoint: 'http://127.0.0.1:8000/v1',
    prompt: 'digest',
    agreement: null,
    checks: [{ name: 'numbers', passes: true, detail: '' }],
    lossless: false,
    rank: 0,
    status: 'proposed',
    ...over,
  };
}

function pageOf(changes: Change[]): string {
  return reviewPage({
    run,
    purpose: 'style',
    model: 'stand-in',
    changes,
    index: 0,
    files: ['review.html'],
    proposals: changes.length,
  });
}

describe('wordDiff', () => {
  it('marks what differs, and its pieces are the texts again', () => {
    const { before, after } = wordDiff('a red cat', 'a blue cat');
    expect(before).toEqual([
      { text: 'a ', changed: false },
      { text: 'red', changed: true },
      { text: ' cat', changed: false },
    ]);
    expect(after[1]).toEqual({ text: 'blue', changed: true });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        const diff = wordDiff(one, other);
        expect(diff.before.map(({ text }) => text).join('')).toBe(one);
        expect(diff.after.map(({ text }) => text).join('')).toBe(other);
      }),
    );
  });
});

describe('review.html in a browser, from a file', () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  beforeEach(async () => {
    folder = freshFolder();
    await mkdir(path.join(folder, 'pictures'));
    await mkdir(path.join(folder, run));
    const grey = sharp({ create: { width: 40, height: 30, channels: 3, background: 'grey' } });
    await grey.png().toFile(path.join(folder, 'pictures', 'a b#1.png'));
    page = await browser.newPage();
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await browser.close();
    removeFreshFolders();
  });

  async function open(changes: Change[]): Promise<string[]> {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
    const file = path.join(folder, run, 'review.html');
    await writeFile(file, pageOf(changes));
    await page.goto(pathToFileURL(file).href);
    return faults;
  }

  async function download(): Promise<Buffer> {
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    return readFile(await file.path());
  }

  it('shows the picture beside it, decides by keys, and gives decisions as a CSV that is read', async () => {
    const faults = await open([0, 1, 2, 3].map((index) => changeOf(index)));
    expect(await page.evaluate('document.querySelector("img").naturalWidth')).toBe(40);
    await page.keyboard.press('a');
    await page.keyboard.press('r');
    await page.keyboard.press('e');
    await page.fill('.current textarea', '=1+1 "quoted"\nline');
    expect(await page.textContent('#counter')).toContain('1 accepted, 1 edited, 1 refused; 1 of 4');
    const { cells, faults: unread } = readDecisions(await download(), 'decisions.csv');
    expect(unread).toEqual([]);
    expect(cells.map(({ id, decision, edited }) => [id, decision, edited])).toEqual([
      ['id-0', 'accept', ''],
      ['id-1', 'refuse', ''],
      ['id-2', 'edit', '=1+1 "quoted"\nline'],
    ]);
    expect(cells[0]).toMatchObject({ run, after: 'A cat is on a mat.' });
    expect(faults).toEqual([]);
  });

  it('keeps decisions when it is loaded again, and takes one back', async () => {
    await open([changeOf(0), changeOf(1)]);
    await page.click('.proposal:nth-child(2) [data-do=refuse]');
    await page.reload();
    expect(await page.getAttribute('.proposal:nth-child(2)', 'data-decision')).toBe('refuse');
    await page.click('.proposal:nth-child(2) [data-do=refuse]');
    expect(await page.textContent('#counter')).toContain('0 accepted, 0 edited, 0 refused; 2 of 2');
  });

  it('pages through hundreds of proposals, and a key at the end of one page goes on to the next', async () => {
    await open(Array.from({ length: 300 }, (_, index) => changeOf(index)));
    expect(await page.locator('.proposal:visible').count()).toBe(25);
    for (let index = 0; index < 25; index += 1) await page.keyboard.press('a');
    expect(await page.getAttribute('.proposal.current', 'data-id')).toBe('id-25');
    expect(await page.textContent('.at')).toBe('2 of 12');
  });

  it('runs nothing that a text of the data or a model holds', async () => {
    const evil =
      '</template></script><script>document.title="run"</script><img src=x onerror="document.title=\'run\'">';
    const faults = await open([
      changeOf(0, {
        asked: evil,
        before: evil,
        after: `${evil}"`,
        record: evil,
        reason: evil,
        pictures: [`../${evil}.png`],
      }),
      changeOf(1, { after: evil, status: 'accepted' }),
    ]);
    await page.keyboard.press('a');
    expect(await page.title()).toBe(`Review of ${run}`);
    expect(await page.textContent('#counter')).toContain('2 accepted');
    const { cells } = readDecisions(await download(), 'decisions.csv');
    expect(cells.map(({ after }) => after).sort()).toEqual([evil, `${evil}"`].sort());
    expect(faults.filter((fault) => !fault.includes('ERR_FILE_NOT_FOUND'))).toEqual([]);
  });
});
