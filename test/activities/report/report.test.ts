import { readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { ReportFile } from '../../../activities/report/details.js';
import { toPath, toUri, writeWhole } from '../../../activities/storage/files.js';
import { dataset, doneFacts, earlyFacts } from './facts.js';
import { placesIn } from './places.js';
import { render, sectionOf, temporaryFolder, textOf } from './rendering.js';
import { answerRow, writeLines, writeRunFiles } from './runFiles.js';

jest.setTimeout(240_000);

async function finishedRun() {
  const places = placesIn(await temporaryFolder());
  const facts = doneFacts(places);
  await writeRunFiles(facts);
  return { places, facts };
}

describe('renderReport', () => {
  it('writes report.json with the facts and the details, and report.html, each whole', async () => {
    const { places, facts } = await finishedRun();
    const { reportUri, json } = await render(facts, places.run);
    expect(reportUri).toBe(`${places.run}/report.html`);
    const file = ReportFile.parse(JSON.parse(json));
    expect(file).toMatchObject({ run: facts.run, verdict: facts.verdict });
    expect(file.details.unread).toEqual([]);
    expect(file.details.curves).toHaveLength(facts.trainings.length);
    expect(file.details.curves[0]?.steps.length).toBeGreaterThan(200);
    const written = (await readdir(toPath(places.run))).filter((name) => name.startsWith('report'));
    expect(written).toEqual(['report.html', 'report.json']);
  });

  it('gives the same bytes for the same facts, in under two seconds of one core', async () => {
    const { places, facts } = await finishedRun();
    const first = await render(facts, places.run);
    const began = process.cpuUsage();
    expect(await render(facts, places.run)).toEqual(first);
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1e6).toBeLessThan(2);
  });

  it('shows a run whose recipe is not resolved yet', async () => {
    const places = placesIn(await temporaryFolder());
    const { html, warnings } = await render(earlyFacts(places), places.run);
    expect(textOf(html)).toContain('The recipe is being resolved.');
    expect(warnings).toEqual([]);
  });

  it('goes without files that are missing or broken, and names them', async () => {
    const { places, facts } = await finishedRun();
    const answers = facts.after.business?.answersUri ?? '';
    await writeWhole(toPath(answers), '{"id": 1}\n{"id": 2}\n');
    const { html, json, warnings } = await render({ ...facts, generic: dataset(`${places.run}/gone`) }, places.run);
    const unread = ReportFile.parse(JSON.parse(json)).details.unread;
    expect(unread.map((line) => line.split(':')[0])).toEqual([path.join(toPath(places.run), 'gone'), toPath(answers)]);
    expect(textOf(html)).toContain('Not in this report');
    expect(warnings).toHaveLength(2);
    expect(sectionOf(html, 'figures')).toContain('97.8');
  });

  it('shows failures first, twelve after and six before, with their pictures enlarged pixel by pixel', async () => {
    const { places, facts } = await finishedRun();
    const { html } = await render(facts, places.run);
    const judged = [...sectionOf(html, 'examples').matchAll(/<article class="example (\w+)"/g)].map(([, kind]) => kind);
    expect(judged).toEqual([...Array(9).fill('wrong'), ...Array(3).fill('right'), ...Array(6).fill('wrong')]);
    expect(
      html.match(/<img src="data:image\/png;base64,[^"]+" alt="[^"]*" width="128" height="128" class="pixels">/g),
    ).toHaveLength(18);
  });

  it('counts rows by the reasons of the manifest, and they add up', async () => {
    const { places, facts } = await finishedRun();
    const { html } = await render(facts, places.run);
    expect(textOf(sectionOf(html, 'data'))).toContain(
      'same image question answer 12 image missing 3 answer empty 2 all not used ✓ adds up 17',
    );
  });

  it('shows what the checks found, each with its share of the dataset', async () => {
    const { places, facts } = await finishedRun();
    const { html } = await render(facts, places.run);
    const text = textOf(sectionOf(html, 'data'));
    expect(text).toMatch(/Leaks pictures, near-duplicates and groups on two sides of the split; 0 is the proof 0/);
    expect(text).toMatch(/Contradictions the same pictures and question, another answer 4 records 0\.2 %/);
    expect(text).toMatch(
      /Near-duplicate pictures in 3 clusters of up to 3, each on one side of the split 7 pictures 0\.4 %/,
    );
    expect(text).toMatch(/Personal data, perhaps email 5 5 rows 0\.3 %/);
  });

  it('makes large pictures small enough to open on a phone', async () => {
    const { places, facts } = await finishedRun();
    const noise = {
      width: 1600,
      height: 900,
      channels: 3 as const,
      background: 'white',
      noise: { type: 'gaussian' as const, mean: 128, sigma: 60 },
    };
    await sharp({ create: noise })
      .png()
      .toFile(path.join(toPath(places.business), 'images/large.png'));
    const row = answerRow('large', { image: 'images/large.png', given: '1', score: 0 });
    await writeLines(facts.after.business?.answersUri ?? '', [row]);
    const { html } = await render(facts, places.run);
    const picture = html.match(/<img src="(data:image\/webp[^"]+)" alt="Picture of large" width="256" height="144">/);
    expect(picture?.[1]?.length).toBeLessThan(400_000);
  });

  it('shows no picture from outside of the datasets, by whatever way it is named', async () => {
    const { places, facts } = await finishedRun();
    const outside = path.join(toPath(places.run), 'private.png');
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toFile(outside);
    await symlink(outside, path.join(toPath(places.business), 'images/link.png'));
    const ways = [
      toUri(outside),
      outside,
      '../../runs/boost-digits.1a2b3c4d/private.png',
      'images/link.png',
      'file://elsewhere/private.png',
    ];
    const rows = ways.map((image, index) => answerRow(`way-${index}`, { image, score: 0 }));
    await writeLines(facts.after.business?.answersUri ?? '', rows);
    const { html } = await render({ ...facts, before: { business: null, generic: null } }, places.run);
    expect(html).not.toContain('<img');
    expect(textOf(html).match(/picture not found/g)).toHaveLength(ways.length);
  });
});
