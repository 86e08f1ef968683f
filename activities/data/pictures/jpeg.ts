/** Whether a JPEG file has its end, told by its markers: the words of the decoder mix with those for other pictures. */

const startOfScan = 0xda;

/** True where no end-of-image marker follows the first scan; thumbnails before it have ends of their own (T.81, B.1). */
export function isCutJpeg(bytes: Buffer): boolean {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1];
    at += 2 + bytes.readUInt16BE(at + 2);
    if (marker === startOfScan) break;
  }
  return bytes.indexOf(Buffer.from([0xff, 0xd9]), at) < 0;
}
