// @ts-check
/** The oldest Node that has what we use of it: `crc32` in `node:zlib` came with this version. */
export const oldestNode = '20.15.0';

/** @param {string} version as in `process.versions.node` */
export function isNewEnough(version) {
  return version.localeCompare(oldestNode, 'en', { numeric: true }) >= 0;
}
