/** COCO: images and annotations of one file, joined by image id. Annotations are streamed; of images the names are held. */
import { problem } from '../../../config/problems.js';
import { counted, quoted, RowFault } from '../faults.js';
import { boxText } from '../records/boxes.js';
import { captionQuestion } from '../records/fieldShapes.js';
import { BoxTable } from './boxTable.js';
import type { FileFormat, FileStart, Opening, ReadRow, RowFile } from './format.js';
import { entriesOf, entryIn, firstOf, type Id, imageFolder, isId, joinedRow, rowsOf, subsetIn } from './joined.js';
import { memberElements } from './members.js';
import { rowFile } from './rowFile.js';
import { TextsById } from './textStore.js';

export const cocoCaptions: FileFormat = {
  name: 'cocoCaptions',
  recognise({ start }) {
    const annotation = firstOf(start, 'annotations');
    if ('caption' in annotation && 'image_id' in annotation)
      return { confidence: 'sure', why: 'annotations have captions' };
    return onlyImages(start) ? { confidence: 'likely', why: 'images with file_name, and no annotations' } : null;
  },
  async open(opening) {
    const { images, made } = await imagesOf(opening, 'cocoCaptions');
    return { ...made, rows: captionRows(opening, images) };
  },
};

export const cocoBoxes: FileFormat = {
  name: 'cocoBoxes',
  recognise({ start }) {
    const annotation = firstOf(start, 'annotations');
    const sure = 'bbox' in annotation && 'category_id' in annotation;
    return sure ? { confidence: 'sure', why: 'annotations have bbox and category_id' } : null;
  },
  async open(opening) {
    const { images, sizes, made } = await imagesOf(opening, 'cocoBoxes');
    const categories = new TextsById();
    for await (const { id, name } of entriesOf(opening.file, opening.named, 'categories'))
      if (isId(id)) categories.set(id, String(name));
    return { ...made, rows: boxRows(opening, { images, sizes, categories, notes: made.notes }) };
  },
};

function onlyImages(start: FileStart): boolean {
  const image = firstOf(start, 'images');
  return 'file_name' in image && 'id' in image && !start.members?.has('annotations');
}

/** Width and height as the file tells them. */
type Sizes = ReadonlyMap<Id, readonly [width: number, height: number]>;

/** Throws `DatasetInvalid` where two pictures have one id: which of them an annotation means can't be told. */
async function imagesOf(
  opening: Opening,
  format: string,
): Promise<{ images: TextsById; sizes: Sizes; made: Omit<RowFile, 'rows'> }> {
  const images = new TextsById();
  const sizes = new Map<Id, [number, number]>();
  let first: string | undefined;
  for await (const { id, file_name: name, width, height } of entriesOf(opening.file, opening.named, 'images')) {
    if (!isId(id) || typeof name !== 'string') continue;
    first ??= name;
    if ((images.get(id) ?? name) !== name) throw idRepeated(opening.named, id, [images.get(id) ?? '', name]);
    images.set(id, name);
    if (typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0)
      sizes.set(id, [width, height]);
  }
  const folder = await imageFolder(opening, first ?? '', subsetIn(first ?? '') ?? subsetIn(opening.file));
  return { images, sizes, made: { ...rowFile(opening, format), folder } };
}

function idRepeated(named: string, id: Id, names: [string, string]): Error {
  return problem('DatasetInvalid', {
    what: `The image id ${JSON.stringify(id)} stands for ${quoted(names[0])} and for ${quoted(names[1])}.`,
    where: `${named}, "images"`,
    todo: 'Give every image an id of its own, as when files are merged, and its annotations the same.',
  });
}

/** A row a caption, then one that waits for each image that none describes. */
async function* captionRows(opening: Opening, images: TextsById): AsyncGenerator<ReadRow> {
  const described = new Set<Id>();
  yield* rowsOf(opening, 'annotations', (entry) => {
    const { id, image_id: imageId, caption } = entry;
    const answer = typeof caption === 'string' ? caption : null;
    const image = imageNamed(images, imageId);
    described.add(imageId as Id);
    const question = opening.settings.question ?? captionQuestion(answer ?? '');
    return joinedRow(entry, { id: isId(id) ? id : image, image, question, answer }, opening);
  });
  const question = opening.settings.question ?? captionQuestion('');
  let line = 0;
  for await (const piece of memberElements(opening.file, opening.named, 'images')) {
    line = piece.line;
    const { value } = entryIn(piece);
    if (!value || !isId(value['id']) || described.has(value['id'])) continue;
    const joined = { id: value['id'], image: String(value['file_name']), question, answer: null };
    yield { line, bytes: piece.bytes.length, value: joinedRow(value, joined, opening), fault: null, repairs: [] };
  }
}

function imageNamed(images: TextsById, id: unknown): string {
  const name = isId(id) ? images.get(id) : undefined;
  if (name === undefined) throw new RowFault('imageMissing', `image_id ${JSON.stringify(id)} is none of the images`);
  return name;
}

interface BoxSource {
  images: TextsById;
  sizes: Sizes;
  categories: TextsById;
  notes: string[];
}

/**
 * Rule `cocoBoxes`: a row for each image and category, with all its boxes from left to right as corners in pixels of
 * the picture; regions that mark a crowd are no boxes. The row stands at the line of its first annotation.
 */
async function* boxRows(opening: Opening, boxes: BoxSource): AsyncGenerator<ReadRow> {
  const { file: source, named } = opening;
  const { images, categories, notes } = boxes;
  const table = new BoxTable();
  let crowds = 0;
  let beyond = 0;
  for await (const piece of memberElements(source, named, 'annotations')) {
    if (piece.trailingComma) continue;
    const { value, fault } = entryIn(piece);
    const row = { line: piece.line, bytes: piece.bytes.length, repairs: [] };
    if (value?.['iscrowd'] === 1) crowds += 1;
    else if (value) {
      const wrong = faultOf(value, boxes);
      const [image = 0, category = 0] = [images.numberOf(value['image_id']), categories.numberOf(value['category_id'])];
      if (!wrong && reachesBeyond(value, boxes)) beyond += 1;
      if (wrong) yield { ...row, value: null, fault: wrong };
      else table.add(image, category, { line: piece.line, box: value['bbox'] as number[] });
    } else yield { ...row, value: null, fault };
  }
  if (crowds > 0) notes.push(`${named}: ${crowds} regions mark a crowd (iscrowd) and are no boxes.`);
  if (beyond > 0)
    notes.push(
      `${named}: ${counted(beyond, 'annotation')} with a box over the edge of its picture by more than a pixel.`,
    );
  for (const { image, category, line, boxes: corners } of table.groups()) {
    const [name, file] = [categories.textOf(category), images.textOf(image)];
    const answer = `[${corners.map((box) => boxText(box)).join(', ')}]`;
    const question = (opening.settings.question ?? boxQuestion).replaceAll('{category}', name);
    const value = joinedRow({ category: name }, { id: `${file}:${name}`, image: file, question, answer }, opening);
    yield { line, bytes: 100 + 30 * corners.length, value, fault: null, repairs: [] };
  }
}

/** The task's question may hold {category} too. */
export const boxQuestion =
  'Where is each {category}? Answer with a list of boxes, each as [left, top, right, bottom] in pixels.';

function faultOf(entry: Record<string, unknown>, { images, sizes, categories }: BoxSource): RowFault | null {
  const { image_id: image, category_id: category, bbox } = entry;
  if (!isId(image) || images.get(image) === undefined)
    return new RowFault('imageMissing', `image_id ${JSON.stringify(image)} is none of the images`);
  if (!isId(category) || categories.get(category) === undefined)
    return new RowFault('classUnknown', `category_id ${JSON.stringify(category)} is none of the categories`);
  if (!Array.isArray(bbox) || bbox.length !== 4 || !bbox.every(Number.isFinite))
    return new RowFault('boxNotPixels', `${JSON.stringify(bbox)} is not [x, y, width, height]`);
  const [x, y, width, height] = bbox as [number, number, number, number];
  if (!(width > 0 && height > 0))
    return new RowFault('boxNotPixels', `${JSON.stringify(bbox)} is no box: width and height are above 0`);
  const [right, bottom] = sizes.get(image) ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  return x >= right || y >= bottom || x + width <= 0 || y + height <= 0
    ? new RowFault('boxNotPixels', `${JSON.stringify(bbox)} lies outside of its picture of ${right} x ${bottom}`)
    : null;
}

function reachesBeyond({ image_id: image, bbox }: Record<string, unknown>, { sizes }: BoxSource): boolean {
  const [x, y, width, height] = bbox as [number, number, number, number];
  const [right, bottom] = sizes.get(image as Id) ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  return x < -1 || y < -1 || x + width > right + 1 || y + height > bottom + 1;
}
