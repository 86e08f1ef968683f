/** Which language the texts of a dataset are in. Short ones stay undetermined: nothing is guessed. */
import { eld } from 'eld/small';

/** Letters below which most languages look alike; writing without an alphabet says more with fewer signs. */
const leastLetters = 20;
const leastSigns = 6;
const ideographic = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
/** Enough to be sure, and bounded in time: about a quarter of a microsecond a character. */
const judgedCharacters = 400;
const keptPlaces = 5;
/** A text is taken for another language than the set's only from here on: words and names travel. */
const leastForeignLetters = 40;

/** ISO 639-1 code; null where the text is too short or the detector itself is not sure. */
export function languageOf(text: string): string | null {
  const letters = text.match(/\p{Letter}/gu)?.length ?? 0;
  const signs = text.match(ideographic)?.length ?? 0;
  if (letters < leastLetters && signs < leastSigns) return null;
  const detected = eld.detect(text.slice(0, judgedCharacters));
  return detected.language !== '' && detected.isReliable() ? detected.language : null;
}

export interface LanguageFigures {
  texts: number;
  undetermined: number;
  /** Texts by language, most first. */
  byLanguage: { language: string; texts: number }[];
  /** The language of more than half of the determined texts; null where there is none. */
  main: string | null;
  /** Long enough texts in another language than the main one. */
  foreign: { texts: number; first: { language: string; where: string }[] };
}

/** Counts the languages of texts; memory grows with the number of languages only. */
export class Languages {
  private texts = 0;
  private undetermined = 0;
  private readonly counts = new Map<string, { texts: number; long: number; first: string[] }>();

  /** `where` is a record's place for a person. */
  add(text: string, where: string): void {
    this.texts += 1;
    const language = languageOf(text);
    if (language === null) {
      this.undetermined += 1;
      return;
    }
    const seen = this.counts.get(language) ?? { texts: 0, long: 0, first: [] };
    seen.texts += 1;
    if (isLong(text)) {
      seen.long += 1;
      if (seen.first.length < keptPlaces) seen.first.push(where);
    }
    this.counts.set(language, seen);
  }

  figures(): LanguageFigures {
    const sorted = [...this.counts].sort(([a, one], [b, other]) => other.texts - one.texts || (a < b ? -1 : 1));
    const determined = this.texts - this.undetermined;
    const [largest] = sorted;
    const main = largest && largest[1].texts * 2 > determined ? largest[0] : null;
    const foreign = main === null ? [] : sorted.filter(([language]) => language !== main);
    return {
      texts: this.texts,
      undetermined: this.undetermined,
      byLanguage: sorted.map(([language, { texts }]) => ({ language, texts })),
      main,
      foreign: {
        texts: foreign.reduce((sum, [, { long }]) => sum + long, 0),
        first: foreign
          .flatMap(([language, { first }]) => first.map((where) => ({ language, where })))
          .slice(0, keptPlaces),
      },
    };
  }
}

/** Whether a text says its language surely enough to be called foreign. */
export function isLong(text: string): boolean {
  const letters = text.match(/\p{Letter}/gu)?.length ?? 0;
  return letters >= leastForeignLetters || (text.match(ideographic)?.length ?? 0) >= leastSigns * 2;
}
