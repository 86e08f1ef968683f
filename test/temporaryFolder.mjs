/** One folder for all that the tests of a run put into the system's temporary folder; it goes when the run ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Workers, and what the tests start, inherit the variable. */
export default function setUp() {
  const folder = mkdtempSync(path.join(tmpdir(), 'anneal-tests-'));
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
}
