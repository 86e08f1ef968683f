/** Globs as shells write them: `*`, `?`, `**`, `[a-z]` and `{a,b}`. */
import path from 'node:path';

const special = /[*?[{]/;

export function isGlob(text: string): boolean {
  return special.test(text);
}

/** The folder above the first part with a special sign, and what paths below it must look like. */
export function readGlob(glob: string): { base: string; matches: (relative: string) => boolean } {
  const parts = glob.split('/');
  const first = parts.findIndex(isGlob);
  const base = parts.slice(0, first).join('/') || (glob.startsWith('/') ? '/' : '.');
  const below = withoutBraces(parts.slice(first).join('/'));
  const pattern = new RegExp(`^(?:${below.map(expression).join('|')})$`, 'u');
  return { base, matches: (relative) => pattern.test(relative.split(path.sep).join('/')) };
}

/** `a.{png,jpg}` is two globs. The innermost braces first, so that they may be nested. */
function withoutBraces(glob: string): string[] {
  const [braces, inside = ''] = /\{([^{}]*,[^{}]*)\}/.exec(glob) ?? [];
  if (braces === undefined) return [glob];
  return inside.split(',').flatMap((each) => withoutBraces(glob.replace(braces, () => each)));
}

function expression(glob: string): string {
  const pieces = glob.match(/\*\*\/|\*\*|\[[^\]]+\]|./gsu) ?? [];
  return pieces.map(pieceExpression).join('');
}

function pieceExpression(piece: string): string {
  if (piece === '**/') return '(?:[^/]+/)*';
  if (piece === '**') return '.*';
  if (piece === '*') return '[^/]*';
  if (piece === '?') return '[^/]';
  if (piece.length > 1 && piece.startsWith('[')) return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
  return piece.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
}
