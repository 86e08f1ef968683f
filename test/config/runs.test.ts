import { describe, expect, it } from '@jest/globals';
import { runNameOf } from '../../config/runs.js';

const named = (workflowId: string) => runNameOf(workflowId, '0123456789ab');

describe('runNameOf', () => {
  it.each(['boost-digits', 'Zahlen 2026 (größer)', 'a:b%20c#d', 'retrain-digits-2026-11-26T10:00:00Z', '数字'])(
    'is the id itself where that makes a folder: %s',
    (id) => expect(named(id)).toBe(`${id}.01234567`),
  );

  it.each([
    ['../../../etc/passwd', '..-..-..-etc-passwd.01234567'],
    ['team/digits', 'team-digits.01234567'],
    ['..', '...01234567'],
    ['a\\b\nc\0', 'a-b-c-.01234567'],
    ['half a pair \ud800', 'half a pair -.01234567'],
  ])('leads nowhere else: %j', (id, name) => expect(named(id)).toBe(name));

  it.each(['x'.repeat(1000), '数'.repeat(333), '😀'.repeat(250)])('is no longer than a folder’s name may be', (id) => {
    expect(Buffer.byteLength(named(id))).toBeLessThan(220);
    expect(id.startsWith(named(id).slice(0, 50))).toBe(true);
  });
});
