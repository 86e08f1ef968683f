import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { MixRatio } from '../../config/settings.js';
import { RecipeSettings } from '../../config/settings.js';
import { leavesOf } from '../../docs/schemaTables.js';
import { allPages, quoted, read, repository } from './pages.js';

/** Items of lists on one line each. */
const page = read('docs/recipe.md').replace(/\n {2}(?=\S)/g, ' ');
const rules = page.split(/^## (?=R\d+:)/m).slice(1);
const lines = (text: string, start: RegExp): string[] => text.split('\n').filter((line) => start.test(line));
const codeOf = (rule: string) => quoted(lines(rule, /^- Code:/).join());

describe('docs/recipe.md', () => {
  it('has the rules R1 to R17 in their order', () => {
    expect(rules.map((rule) => rule.split(':')[0])).toEqual(Array.from({ length: 17 }, (_, index) => `R${index + 1}`));
  });

  it('says of the same rules in the table and in the text that they are only stated', () => {
    const inTable = lines(page, /^\| R\d+ \| states only/).map((line) => line.split(' | ')[0]?.slice(2));
    const inText = rules.filter((rule) => rule.includes('States only')).map((rule) => rule.split(':')[0]);
    expect(inText).toEqual(inTable);
  });

  it.each(rules.map((rule) => [rule.split('\n')[0], rule]))('%s names code that is there', (_, rule) => {
    expect(codeOf(rule)).not.toEqual([]);
    for (const file of codeOf(rule)) expect([file, existsSync(path.join(repository, file))]).toEqual([file, true]);
  });

  it.each(rules.map((rule) => [rule.split('\n')[0], rule]))('%s names verdicts that its code gives', (_, rule) => {
    const source = codeOf(rule).map(read).join('\n');
    const named = lines(rule, /^- (Decision|Causes):/).flatMap((line) =>
      quoted(line.split(/erdicts(?: of health)?:|Causes:/)[1] ?? ''),
    );
    for (const verdict of named) expect(source).toContain(`'${verdict}'`);
  });

  it('names every verdict of every policy', () => {
    const named = new Set(quoted(page));
    const policies = readdirSync(path.join(repository, 'workflows/policies')).filter((file) => file.endsWith('.ts'));
    for (const policy of policies) {
      const source = read(`workflows/policies/${policy}`);
      const verdicts = [...source.matchAll(/Decision<((?:\s*\|?\s*'[^']+')+)\s*>/g)].flatMap(([, union = '']) =>
        [...union.matchAll(/'([^']+)'/g)].map(([, verdict]) => verdict),
      );
      for (const verdict of verdicts)
        expect([policy, verdict, named.has(verdict ?? '')]).toEqual([policy, verdict, true]);
    }
  });
});

describe('numbers in prose', () => {
  const defaults = new Map(leavesOf(RecipeSettings.parse({})));
  const written = allPages().flatMap(([file, text]) =>
    [...text.matchAll(/`([a-z]\w*(?:\.\w+)*)`\s\(([^()]+)\)/g)]
      .filter(([, setting = '']) => defaults.has(setting))
      .map(([, setting = '', value = '']) => ({ file, setting, value })),
  );

  it.each(written)('$file: the default of $setting is $value', ({ setting, value }) => {
    expect(numberOf(value)).toEqual(defaults.get(setting));
  });

  it('are many', () => {
    expect(written.length).toBeGreaterThan(30);
  });
});

/** 10:1, 5:1 are ratios of business to generic; a list is separated by commas; everything else is JSON. */
function numberOf(text: string): unknown {
  if (/^\d+:\d+/.test(text)) return text.split(', ').map(ratioOf);
  return text.includes(', ') ? text.split(', ').map(Number) : JSON.parse(text);
}

function ratioOf(text: string): MixRatio {
  const [business = 0, generic = 0] = text.split(':').map(Number);
  return { business, generic };
}
