/**
 * Makes the pictures of docs/images from a run that an engine of this machine knows:
 *
 *     npx tsx test/e2e/pictures.ts <project folder> <workflow id>
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { engineStanding } from '../../cli/dev/engineFile.js';
import { runName } from '../../cli/runs.js';
import { openBrowser } from '../activities/report/browser.js';
import { savePicture } from './picture.js';
import { TemporalPage } from './temporalPage.js';

const images = path.join(packageFolder, 'docs/images');

async function main(root: string, workflowId: string): Promise<void> {
  const standing = await engineStanding(path.resolve(root));
  if (standing.kind !== 'ready') throw new Error(`No engine runs in ${root}.`);
  const { address, ui, reports } = standing.facts;
  const connection = await Connection.connect({ address });
  const { runId } = await new Client({ connection }).workflow.getHandle(workflowId).describe();
  await connection.close();
  await mkdir(images, { recursive: true });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
    const temporal = new TemporalPage(page, ui ?? '');
    await temporal.openRun(workflowId);
    await temporal.currentDetails('Decisions');
    await savePicture(page, path.join(images, 'temporal-ui.png'));
    await page.setViewportSize({ width: 1100, height: 1400 });
    await page.goto(`${reports}/runs/${runName({ workflowId, runId })}/`, { waitUntil: 'networkidle' });
    await savePicture(page, path.join(images, 'report.png'));
  } finally {
    await browser.close();
  }
}

const [root, workflowId] = process.argv.slice(2);
if (!root || !workflowId) throw new Error('usage: npx tsx test/e2e/pictures.ts <project folder> <workflow id>');
await main(root, workflowId);
