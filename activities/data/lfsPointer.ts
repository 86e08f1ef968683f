/** What Git LFS leaves in place of a file that was not fetched. */
export function isLfsPointer(start: Buffer): boolean {
  return start.toString('latin1', 0, 64).startsWith('version https://git-lfs.github.com/spec/');
}
