/** Which captions are kept (methods M12 a). Knows the text alone: whether it is true of its picture it can't tell. */
import type { CaptionFilters, captionReasons } from '../../config/captioning.js';

type CaptionReason = keyof typeof captionReasons;

export interface CaptionFault {
  reason: CaptionReason;
  detail: string;
}

/** What came for a picture, as far as it matters here. */
export interface GivenCaption {
  outcome: 'answered' | 'cut' | 'refused' | 'excluded';
  given: string | null;
  /** The server's word for an outcome other than `answered`. */
  reason: string | null;
}

/** Words of any script: those written without spaces are counted by the dictionary of ICU. */
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** Why a caption is not kept; null where it is. The first fault in this order counts. */
export function captionFault({ outcome, given, reason }: GivenCaption, filters: CaptionFilters): CaptionFault | null {
  const says = reason ?? outcome;
  if (outcome === 'refused' || outcome === 'excluded') return { reason: 'refused', detail: says };
  const text = (given ?? '').trim();
  if (text === '' && outcome === 'cut')
    return { reason: 'captionThoughts', detail: `the answer ended before a caption began (${says})` };
  if (text === '') return { reason: 'captionEmpty', detail: 'the answer holds no text' };
  const phrase = refusalIn(text, filters.refusals);
  if (phrase) return { reason: 'captionRefusal', detail: `it begins with "${phrase}"` };
  if (outcome === 'cut') return { reason: 'captionCut', detail: `cut after ${text.length} characters (${says})` };
  const words = wordsOf(text);
  const { minimumWords, maximumWords, repeatedWords } = filters;
  if (words.length < minimumWords)
    return { reason: 'captionShort', detail: `${words.length} words of ${minimumWords}` };
  if (words.length > maximumWords) return { reason: 'captionLong', detail: `${words.length} words of ${maximumWords}` };
  const again = repeatedRun(words, repeatedWords);
  return again ? { reason: 'captionRepeats', detail: `"${again}" comes twice` } : null;
}

/** The caption without case, punctuation and spacing: equal ones are the same caption. */
export function normalCaption(text: string): string {
  return wordsOf(text).join(' ');
}

/** The words of a text, in lower case. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.normalize('NFKC').toLowerCase()))
    if (isWordLike) words.push(segment);
  return words;
}

/** At the beginning only: further on the words may be those of a sign in the picture. */
function refusalIn(text: string, phrases: readonly string[]): string | undefined {
  const opening = text.replaceAll('’', "'").toLowerCase();
  return phrases.find((phrase) => opening.startsWith(phrase.toLowerCase()));
}

/** The first run of so many words that comes again; null where none does. */
function repeatedRun(words: readonly string[], length: number): string | null {
  if (length === 0) return null;
  const seen = new Set<string>();
  for (let at = 0; at + length <= words.length; at += 1) {
    const run = words.slice(at, at + length).join(' ');
    if (seen.has(run)) return run;
    seen.add(run);
  }
  return null;
}
