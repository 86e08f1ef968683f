// @ts-check
/** The oldest Node that undici runs on; `crc32` in `node:zlib` came a little before. */
export const oldestNode = '20.18.1';

/** @param {string} version as in `process.versions.node` */
export function isNewEnough(version) {
  return version.localeCompare(oldestNode, 'en', { numeric: true }) >= 0;
}
