/** Why a row is not used: a short code for the ledger, a sentence for a person, and what mends each kind. */

export const remedies = {
  jsonInvalid: 'Correct the JSON at the place named.',
  keyRepeated: 'Keep one of the two values, or give them keys of their own.',
  encoding: 'Save the file as UTF-8.',
  notAnObject: 'Write one JSON object a record.',
  csvColumns: 'Put quotes round values that hold the separator, and give every row as many values as the header has.',
  csvHeaderRepeated: 'Remove the second header line.',
  csvQuote: 'Close every quote, and double a quote that stands inside a quoted value.',
  imageMissing: 'Name the picture of the record, or set fields.image to the field that names it.',
  imageNotFound: 'Put the picture there, or correct its path; paths are relative to the task folder.',
  pathOutside: 'Move the picture into the task folder: paths may not leave it.',
  imageRemote: 'Download the picture into the task folder, or set recipe.data.fetchImages for web addresses.',
  imageNotFetched:
    'Try again, or download the picture into the task folder; private addresses need recipe.data.fetchPrivate.',
  imageHostSilent:
    'See whether the host still exists; the next build asks it again. Download its pictures, or leave its rows out.',
  imageAmbiguous: 'Write paths relative to the task folder: two other paths end in the same file name.',
  imageEmpty: 'Copy the picture again: its file has no bytes.',
  imageUnreadable: 'Replace it by a PNG, JPEG, WebP, GIF, TIFF or AVIF picture.',
  imageDamaged: 'Copy the picture again from its source: part of it is broken or missing.',
  imageTooLarge: 'Shrink the picture, or raise recipe.data.maximumPixels.',
  imageAspect: 'Cut the strip into tiles or pad it: the model cannot read pictures so long.',
  imageAnimated: 'Store the one frame or page that is meant as a picture of its own.',
  imageDepth: 'Store the picture with 8 bits a channel, in the brightness window that is meant.',
  pictureAlone: 'Add what is to be said of the picture, or set "unanswered": "wait" to have answers proposed.',
  textAlone: 'Add the picture of that name, or remove the text.',
  memberRepeated: 'Keep one file of each kind in a sample; the name of a sample in a tar file ends at the first dot.',
  textTooLarge: 'Keep pictures in files of their own rather than inside the text.',
  classUnknown: 'Correct the number of the class, or name every class in the metadata.',
  clipEmpty: 'Put the frames there as pictures, named by their numbers.',
  videoNotRead: 'Cut the video into frames (ffmpeg -i clip.mp4 -vf fps=1 clip/%d.png) and name their folder.',
  placeholderMismatch: 'Give every picture exactly one <image> placeholder.',
  specialToken:
    'Take the literal out of the text: a model reads it as a command. The place of a picture is <image> in the user’s text.',
  textBroken: 'Correct the text: it holds half a character, a NUL, or the mark of a wrong encoding (U+FFFD).',
  boxMismatch: 'Give every <bbox> a box and every <ref-object> a name, in the order of the text.',
  boxesOfYolo:
    'Convert the labels to one COCO file (FiftyOne, Roboflow and CVAT export it) and name that: the format cocoBoxes reads it.',
  boxNotPixels: 'Write boxes in pixels of the original picture.',
  roleUnknown: 'Use the roles system, user and assistant.',
  rolesOutOfOrder: 'Let user and assistant take turns, an optional system message first.',
  partUnknown: 'Use text and image parts only.',
  imageInAnswer: 'Move the picture to the user’s turn.',
  questionMissing: 'Write the question, set fields.question, or give one question for all as "question" in the task.',
  answerMissing:
    'Write the answer, or set fields.answer to the field that holds it; a chat must end with the assistant.',
  answerEmpty: 'Write the answer: white space carries nothing to learn.',
  answerInThoughts: 'Give the whole answer: it was cut while the model was thinking, so that nothing is answered yet.',
  answerUndesired: 'Leave the row out, or give the answer that is wanted.',
  answerNotText: 'Write the answer as one text or number.',
  answerNotInLabels:
    'Correct the answer, or add it to answer.labels in the task; of other kinds to answer.options, answer.yes or answer.no.',
  optionAmbiguous:
    'Write the letter or the text of the option: nothing tells what these numbers are, or whether they count from 0 or 1.',
  optionUnknown: 'Give the letter, the number or the text of one of the row’s own options.',
  answerNotANumber: 'Write one number, with answer.decimal as its decimal sign.',
  answerNotJson: 'Write a JSON object with the fields that answer.fields declares.',
  numberTooLong: 'Write long numbers as text, in quotes: JSON numbers lose digits past 15.',
  numberNotFinite: 'Write the value as a number or a text, or null where there is none.',
  tooLong: 'Shorten the text, use a smaller picture, or raise recipe.data.maximumTokens.',
} as const;
export type Reason = keyof typeof remedies;

/** A row that can't be used. Caught where rows are read; it never ends an import. */
export class RowFault extends Error {
  override readonly name = 'RowFault';
  readonly reason: Reason;
  readonly detail: string;
  constructor(reason: Reason, detail: string, options?: ErrorOptions) {
    super(`${reason}: ${detail}`, options);
    this.reason = reason;
    this.detail = detail;
  }
}

/** Shortens what a user wrote, for a message of bounded size. */
export function quoted(text: string, maximumCharacters = 60): string {
  const flat = text.replace(/\s+/g, ' ');
  return flat.length <= maximumCharacters ? `"${flat}"` : `"${flat.slice(0, maximumCharacters - 1)}…"`;
}

/** A share as a person reads it: 0.078 is 7.8 %. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(share < 0.1 ? 2 : 3))} %`;
}

/** "1 row", "2 rows". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
