import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { remedies } from '../../activities/data/faults.js';
import { FormatName, Unanswered } from '../../config/formats.js';
import { fates as ledgerFates } from '../../config/records.js';
import { quoted, read, repository } from './pages.js';

describe('docs/data-formats.md', () => {
  const named = new Set(quoted(read('docs/data-formats.md')));

  it.each(FormatName.options.filter((name) => name !== 'auto'))('has the format %s', (name) => {
    expect(named).toContain(name);
  });

  it('has every fate of a row and every value of unanswered', () => {
    for (const word of [...ledgerFates, ...Unanswered.options]) expect(named).toContain(word);
  });

  it('names reasons and repairs that the code gives', () => {
    const source = ['read', 'records', 'pictures', 'build', 'splits'].flatMap((room) => {
      const folder = path.join(repository, 'activities', 'data', room);
      return readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
    });
    const codes = [...named].filter((word) =>
      /^(image|answer|box|part|placeholder|class|rejected|turns)[A-Z]\w+$/.test(word),
    );
    expect(codes.length).toBeGreaterThan(12);
    for (const code of codes)
      expect([code, code in remedies || source.some((text) => text.includes(code))]).toEqual([code, true]);
  });
});

describe('test/fixtures/formats', () => {
  const folder = path.join(repository, 'test/fixtures/formats');

  it.each(readdirSync(folder))('%s says which documentation it follows', (name) => {
    expect(readFileSync(path.join(folder, name, 'README.md'), 'utf8')).toMatch(/\w{3,}.* \w+/);
  });
});
