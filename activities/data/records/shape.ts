/** One way of writing a row. */
import type { ShapeName } from '../../../config/formats.js';
import type { FileSettings } from '../read/format.js';
import type { RawRecord, Row } from './chat.js';

export interface RowShape {
  name: ShapeName;
  /** True where the row has the keys that tell this shape from those after it in the list. */
  fits(row: Row, settings: FileSettings): boolean;
  /** Throws `RowFault`. */
  read(row: Row, settings: FileSettings): RawRecord;
}
