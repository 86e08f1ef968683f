/** Paths of a dataset's files against patterns: * within a name, ** across folders. */

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`);
}

/** Those that a pattern fits, in order and once each. */
export function matching(paths: readonly string[], patterns: readonly string[]): string[] {
  const expressions = patterns.map(expressionOf);
  return [...new Set(paths)].filter((path) => expressions.some((expression) => expression.test(path))).sort();
}
