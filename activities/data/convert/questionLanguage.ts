/** The language of one question, among those that templates are there for. */
import type { Language } from '../../../config/variants.js';

/** Words that a question of the language is hardly without. */
const usual: Record<'en' | 'de' | 'fr' | 'es', ReadonlySet<string>> = {
  en: new Set('the is are what which how many of in this there on does and who where a an'.split(' ')),
  de: new Set(
    'der die das ist sind was welche welcher welches wie viele wo auf dem den ein eine im und wer zu'.split(' '),
  ),
  fr: new Set(
    'le la les est sont quel quelle quels combien de des du dans sur une un qui où est-ce que et il'.split(' '),
  ),
  es: new Set('el la los las es son qué cuál cuántos cuántas de del en una un quién dónde hay y se cómo'.split(' ')),
};

/** Japanese by its kana, Chinese by Han letters without them, the others by their commonest words; English where nothing says. */
export function questionLanguage(text: string): Language {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja';
  if (/\p{Script=Han}/u.test(text)) return 'zh';
  const words = text.toLowerCase().match(/[\p{L}-]+/gu) ?? [];
  let best: { language: Language; hits: number } = {
    language: 'en',
    hits: words.filter((word) => usual.en.has(word)).length,
  };
  for (const language of ['de', 'fr', 'es'] as const) {
    const hits = words.filter((word) => usual[language].has(word)).length;
    if (hits > best.hits) best = { language, hits };
  }
  return best.language;
}
