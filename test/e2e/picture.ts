/** Screenshots, for people to look at and for the pages of docs. */
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

/** Where tests leave theirs; none are made where the variable is not set. */
const folder = process.env['ANNEAL_TEST_PICTURES'];

/** What the window shows, in that folder. */
export async function picture(page: Page, name: string): Promise<void> {
  if (folder) await savePicture(page, path.join(folder, `${name}.png`));
}

/** With a palette: a third of the bytes, and text stays sharp. */
export async function savePicture(page: Page, file: string): Promise<void> {
  await sharp(await page.screenshot())
    .png({ palette: true, effort: 10 })
    .toFile(file);
}
