/** The fixed repairs of a JSON answer (methods M1): cut to the outermost object, quotes, trailing comma, Python's words. */

const pythonWords: Record<string, string> = { True: 'true', False: 'false', None: 'null' };
const repairable = /("(?:[^"\\]|\\.)*")|'((?:[^'\\]|\\.)*)'|,(?=\s*[}\]])|\b(True|False|None)\b/g;

/** Single-quoted strings doubled, trailing commas dropped, True/False/None in JSON's words; double-quoted strings untouched. */
export function plainJson(text: string): string {
  return text.replace(repairable, (_whole, double?: string, single?: string, word?: string) => {
    if (double !== undefined) return double;
    if (single !== undefined) return `"${single.replace(/\\'/g, "'").replace(/(?<!\\)"/g, '\\"')}"`;
    return word === undefined ? '' : (pythonWords[word] ?? word);
  });
}

/** Where a string that opens at `start` ends; past the text when it is never closed. */
function endOfString(text: string, start: number): number {
  const quote = text[start];
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === quote) return i;
  }
  return text.length;
}

/** The outermost objects of a text, and whether the last one was left open. Quotes count only inside an object. */
export function outermostObjects(text: string): { objects: string[]; open: boolean } {
  const objects: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' && depth++ === 0) start = i;
    else if (character === '}' && depth > 0 && --depth === 0) objects.push(text.slice(start, i + 1));
    else if (depth > 0 && (character === '"' || character === "'")) i = endOfString(text, i);
  }
  return { objects, open: depth > 0 };
}
