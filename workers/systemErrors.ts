/** What the system's own words about a file mean: another attempt mends some of them, the others a person must. */

import { noSpace } from '../activities/storage/files.js';
import { type ProblemError, problem } from '../config/problems.js';

interface Refusal {
  says: string;
  todo: string;
}

const rights: Refusal = {
  says: 'The system gives the worker no right to it.',
  todo: 'Let the user that the workers run as read and write it, and the folder that holds it.',
};

/** Those that stay as they are until somebody acts. All others may pass: EAGAIN, EMFILE, EBUSY, EIO, ESTALE, ETIMEDOUT and the like. */
const refusals: Record<string, Refusal> = {
  EACCES: rights,
  EPERM: rights,
  EROFS: {
    says: 'Its file system can only be read.',
    todo: 'Mount it for writing, or keep the project on another disk. A disk that was mounted anew by itself may be damaged.',
  },
  ENAMETOOLONG: {
    says: 'The name is longer than its file system takes.',
    todo: 'Move the project to a shorter path, or give the task, the run or the file a shorter name.',
  },
  ENOTDIR: {
    says: 'Its path leads through a file as if that were a folder.',
    todo: 'Move the file that is in the way.',
  },
  EISDIR: { says: 'A folder lies where a file belongs.', todo: 'Move the folder that is in the way.' },
  ELOOP: { says: 'Its symbolic links lead in a circle.', todo: 'Correct the links.' },
  EFBIG: {
    says: 'It would become larger than its file system, or the limit of this user, allows.',
    todo: 'Raise that limit (ulimit -f), or keep the project on another file system.',
  },
};

const missing: Refusal = {
  says: 'It is not there, and did not come back.',
  todo: 'Put it back, or mount the disk that it lies on.',
};
/** A disk or share that is mounted a moment later is back by then: about five minutes. */
const attemptsForMissing = 10;

/** The problem of an error by which the system refuses a file for good; undefined for any other. */
export function fileRefused(error: unknown, attempt: number): ProblemError | undefined {
  const { code = '', path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const full = noSpace(error, path ?? 'the disk of the worker');
  if (full) return full;
  const lasts = code === 'ENOENT' && attempt >= attemptsForMissing ? missing : refusals[code];
  const ofFile = path !== undefined || syscall === 'write' || code === 'EISDIR'; // else of a connection or a process
  if (!ofFile || lasts === undefined) return undefined;
  return problem(
    'FileRefused',
    {
      what: `${lasts.says} (${code}: ${syscall})`,
      where: path ?? `a file that was being ${syscall === 'write' ? 'written' : 'read'}`,
      todo: `${lasts.todo} Then start the run again, or reset this one to the step that failed.`,
    },
    { cause: error },
  );
}
