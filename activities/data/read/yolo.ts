/** Texts beside pictures as YOLO's trainers write them: a line a box, its class and four shares, or the corners of a shape. */

const share = '(?:0?\\.\\d+|[01](?:\\.\\d*)?)(?:e-?\\d+)?';
const line = new RegExp(`^\\d{1,6}(?:\\s+${share}){4,}$`, 'i');

export function areYoloBoxes(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((each) => each.trim() !== '');
  return text.includes('.') && lines.length > 0 && lines.every((each) => line.test(each.trim()));
}
