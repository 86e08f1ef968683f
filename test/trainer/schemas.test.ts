import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { schemaFiles, schemaFolder } from '../../trainer/make_schemas.js';

describe("the trainer's JSON Schemas", () => {
  it.each([...schemaFiles()])('%s is what the zod contract generates', (name, text) => {
    expect(readFileSync(`${schemaFolder}${name}`, 'utf8')).toBe(text);
  });
});
