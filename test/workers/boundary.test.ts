/** What becomes of the errors that activities throw. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { readJson } from '../../activities/storage/files.js';
import { EventLog } from '../../activities/training/eventLog.js';
import { bounded } from '../../workers/boundary.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'anneal-boundary-'));
  await writeFile(path.join(folder, 'file'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What Temporal is told when an activity ends by an error, at this attempt. */
async function failureOf(throws: () => Promise<unknown>, attempt = 1): Promise<unknown> {
  const { activity } = bounded({ activity: throws });
  return new MockActivityEnvironment({ attempt }).run(activity).catch((error: unknown) => error);
}

/** An error of the system that a test can't bring about for whoever runs it. */
function systemError(code: string, more: object = { path: '/data/spec.json' }): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`${code}: open`), { code, syscall: 'open', ...more }));
}

describe('errors of the system', () => {
  const refused = (where: string, what: string) => ({
    type: 'FileRefused',
    nonRetryable: true,
    details: [{ type: 'FileRefused', where: expect.stringContaining(where), what: expect.stringContaining(what) }],
  });

  it.each([
    ['ENAMETOOLONG', 'a'.repeat(5000)],
    ['ENOTDIR', 'file/below'],
  ])('end by a name that no attempt mends: %s', async (code, name) => {
    expect(await failureOf(() => readFile(path.join(folder, name)))).toMatchObject(refused(folder, code));
  });

  it('end where a folder lies in place of a file, which is named', async () => {
    const events = new EventLog(folder, { info: () => undefined, warn: () => undefined });
    for (const read of [() => readJson(folder), () => events.read()])
      expect(await failureOf(read)).toMatchObject(refused(folder, 'EISDIR'));
    expect(await failureOf(() => readFile(folder))).toMatchObject(refused('read', 'EISDIR'));
  });

  it.each(['EACCES', 'EPERM', 'EROFS'])('say what a person must do: %s', async (code) => {
    expect(await failureOf(systemError(code))).toMatchObject(refused('/data/spec.json', code));
  });

  it.each(['EAGAIN', 'EMFILE', 'EBUSY', 'ETIMEDOUT', 'ESTALE', 'EIO'])(
    'that may pass are tried again: %s',
    async (code) => {
      expect(await failureOf(systemError(code))).not.toBeInstanceOf(ApplicationFailure);
    },
  );

  it('of a connection or a process are none of a file', async () => {
    expect(await failureOf(systemError('EACCES', { syscall: 'connect' }))).not.toBeInstanceOf(ApplicationFailure);
    expect(await failureOf(systemError('EPERM', { syscall: 'kill' }))).not.toBeInstanceOf(ApplicationFailure);
  });

  it('by which a file is missing are believed after some minutes', async () => {
    const read = () => readFile(path.join(folder, 'gone'));
    expect(await failureOf(read, 9)).toMatchObject({ code: 'ENOENT' });
    expect(await failureOf(read, 10)).toMatchObject(refused('gone', 'did not come back'));
  });

  it('by which a disk is full have one name, wherever they come from', async () => {
    const failure = await failureOf(systemError('ENOSPC', { syscall: 'write' }));
    expect(failure).toMatchObject({ type: 'NoSpace', nonRetryable: true });
  });
});
