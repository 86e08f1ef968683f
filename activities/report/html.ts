/** HTML that can't be broken out of: whatever is put into a template is escaped, unless it is HTML of ours. */

const mark = Symbol('html');

/** Text that is HTML already. Made by `html` and, for drawings and styles of our own, by `trusted`. */
export interface Html {
  readonly [mark]: true;
  readonly text: string;
}

type Content = Html | string | number | null | undefined | false | readonly Content[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Marks text as HTML without escaping it. Only for text that no user, model or file wrote. */
export function trusted(text: string): Html {
  return { [mark]: true, text };
}

/** A template whose values are escaped; null, undefined and false leave nothing, lists are joined. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  return trusted(strings.map((text, index) => text + textOf(values[index])).join(''));
}

function textOf(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeText(String(content));
  return mark in content ? content.text : content.map(textOf).join('');
}
