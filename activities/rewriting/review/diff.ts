/** Which words differ between two texts: the longest common run of words stays, the rest is marked. */

export interface Piece {
  text: string;
  changed: boolean;
}

/** Above this product of words the table would be too large for a page of proposals: both texts are marked whole. */
const maximumCells = 250_000;

/** Both texts in pieces; joined they are the texts again. */
export function wordDiff(before: string, after: string): { before: Piece[]; after: Piece[] } {
  const [one, other] = [tokensOf(before), tokensOf(after)];
  if (one.length * other.length > maximumCells)
    return { before: [{ text: before, changed: true }], after: [{ text: after, changed: true }] };
  const { left, right } = commonMarks(one, other);
  return { before: joined(one, left), after: joined(other, right) };
}

/** Words, runs of white space and single signs; CJK characters stand alone. */
function tokensOf(text: string): string[] {
  return text.match(/\s+|\p{Script=Han}|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
}

/** True where a token is not part of the longest common subsequence. */
function commonMarks(one: readonly string[], other: readonly string[]): { left: boolean[]; right: boolean[] } {
  const width = other.length + 1;
  const lengths = new Uint32Array((one.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = one.length - 1; row >= 0; row -= 1)
    for (let column = other.length - 1; column >= 0; column -= 1)
      lengths[row * width + column] =
        one[row] === other[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  const left = one.map(() => true);
  const right = other.map(() => true);
  for (let row = 0, column = 0; row < one.length && column < other.length; ) {
    if (one[row] === other[column]) {
      left[row++] = false;
      right[column++] = false;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return { left, right };
}

function joined(tokens: readonly string[], changed: readonly boolean[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [index, text] of tokens.entries()) {
    const last = pieces.at(-1);
    if (last && last.changed === changed[index]) last.text += text;
    else pieces.push({ text, changed: changed[index] === true });
  }
  return pieces;
}
