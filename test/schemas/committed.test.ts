/** The JSON Schemas that the package brings: complete, true of what ran, and broken for nobody. */
import { readFileSync } from 'node:fs';
import { committed, schemaFiles } from '../../schemas/generate.js';
import * as workflows from '../../workflows/index.js';
import { storedHistories } from '../histories/stored.js';

const names = schemaFiles.map(({ name }) => name);

it.each(schemaFiles.map((each) => [each.name, each] as const))(
  '%s breaks nobody and is that of the program (npx tsx schemas/generate.ts)',
  (_name, { file, schema, breaks }) => {
    expect(breaks(committed(file) ?? {}, schema)).toEqual([]);
    expect(committed(file)).toEqual(JSON.parse(JSON.stringify(schema)));
  },
);

it.each(Object.keys(workflows))('the workflow %s has one of what it takes and one of what it returns', (workflow) => {
  expect(names).toEqual(expect.arrayContaining([`${workflow}.input`, `${workflow}.result`]));
});

it('name no file that is not there', () => {
  const files = new Set(names.map((name) => `${name}.schema.json`));
  const named = schemaFiles.flatMap(({ schema }) => JSON.stringify(schema).match(/(?<="\$ref":")[^#"]+/g) ?? []);
  expect(named).toContain('resolvedRecipe.schema.json');
  expect(named.filter((file) => !files.has(file))).toEqual([]);
});

it('are each in the table of docs/embedding.md', () => {
  const page = readFileSync(new URL('../../docs/embedding.md', import.meta.url), 'utf8');
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe('what real runs took and returned', () => {
  // The other histories are of versions whose recipes had another form.
  const histories = storedHistories().filter(({ name }) => /^aligned|^whole\/(cap|re)/.test(name));
  const passed = histories.flatMap(({ name, workflowType, input, result }) => [
    { name, schema: `${workflowType}.input`, value: input },
    ...(result === undefined ? [] : [{ name, schema: `${workflowType}.result`, value: result }]),
  ]);

  it.each(passed)('$name fits $schema', ({ schema, value }) => {
    const type = schemaFiles.find(({ name }) => name === schema)?.type;
    expect(type?.safeParse(value).error?.issues).toEqual(undefined);
    expect(type).toBeDefined();
  });

  it('is that of every workflow', () => {
    const seen = new Set(passed.map(({ schema }) => schema));
    expect(names.filter((name) => /\.(input|result)$/.test(name) && !seen.has(name))).toEqual([]);
  });
});
