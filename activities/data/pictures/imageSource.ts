/** How a record names a picture: a path, the picture itself, or where it lies inside a container. */
import { quoted, RowFault } from '../faults.js';

export type ImageSource =
  | { kind: 'path'; path: string }
  | { kind: 'url'; url: string }
  | { kind: 'data'; base64: string }
  | { kind: 'bytes'; bytes: Uint8Array; name: string | null }
  | { kind: 'slice'; file: string; offset: number; length: number; name: string };

/** A picture as readers of containers (Parquet, tar) put it into a row's value, in place of a path. */
export class CarriedPicture {
  readonly source: ImageSource;
  constructor(source: ImageSource) {
    this.source = source;
  }
}

const pictureName = /\.(png|jpe?g|jpe|jfif|webp|gif|tiff?|avif|bmp|heic)["']?\s*$/i;

export function isPictureName(text: string): boolean {
  return pictureName.test(text) || text.trimStart().startsWith('data:image/');
}

/** Throws `RowFault` `imageRemote` for an address that is none of the web, such as a bucket. */
export function imageSourceOf(text: string): ImageSource {
  const data = /^\s*data:[^,]{0,100},/i.exec(text);
  if (data) {
    if (!/;base64,$/i.test(data[0])) throw new RowFault('imageUnreadable', 'the data URI is not base64');
    return { kind: 'data', base64: withoutPercents(text.slice(data[0].length)) };
  }
  if (isBareBase64(text)) return { kind: 'data', base64: text };
  const printed = /^\s*b(['"])([\w+/=-]*)\1\s*$/.exec(text)?.[2];
  if (printed !== undefined && isBareBase64(printed)) return { kind: 'data', base64: printed };
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return { kind: 'url', url: text };
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text) && !/^file:/i.test(text))
    throw new RowFault('imageRemote', `${quoted(text)} is an address on a network`);
  return { kind: 'path', path: text };
}

/** In a URI the signs + / and = may be escaped. */
function withoutPercents(base64: string): string {
  return base64.replace(/%(2B|2F|3D|0D|0A)/gi, decodeURIComponent);
}

/** The first bytes of PNG, JPEG, GIF and WebP files, in tables that hold pictures as text. */
const bareStart = /^\s*(iVBORw0KGgo|\/9j\/|R0lGOD|UklGR)/;
const shortestBare = 64;

function isBareBase64(text: string): boolean {
  return text.length >= shortestBare && bareStart.test(text) && /^[\w+/\s-]+=*\s*$/.test(text);
}

/** A picture as any of the known formats write it, a part's picture or an entry of `images`; undefined if it is none. */
export function imageSourceIn(value: unknown): ImageSource | undefined {
  if (value instanceof CarriedPicture) return value.source;
  if (typeof value === 'string') return value.trim() === '' ? undefined : imageSourceOf(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const {
    url,
    src,
    path,
    file_name,
    image,
    image_url,
    base64,
    b64_json,
    bytes: carried,
    data,
    source,
  } = value as Record<string, unknown>;
  const bytes = base64 ?? b64_json ?? data ?? carried;
  if (typeof bytes === 'string') return { kind: 'data', base64: bytes.replace(/^data:[^,]{0,100},/i, '') };
  for (const nested of [image_url, image, url, src, path, file_name, source]) {
    const found = imageSourceIn(nested);
    if (found) return found;
  }
  return undefined;
}
