import fc from 'fast-check';
import { CaptionFilters, type CaptionInput } from '../../../config/captioning.js';
import { captionFault, normalCaption } from '../../../workflows/policies/captionQuality.js';

const filters = CaptionFilters.parse({});
const words = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `word${from + index}`).join(' ');

function reasonOf(given: string | null, over: Partial<CaptionInput['filters']> = {}, outcome = 'answered' as const) {
  return captionFault({ outcome, given, reason: null }, { ...filters, ...over })?.reason ?? null;
}

describe('captionFault', () => {
  it.each([
    [19, 'captionShort'],
    [20, null],
    [300, null],
    [301, 'captionLong'],
  ])('says of %i words: %s', (count, reason) => {
    expect(reasonOf(words(count))).toBe(reason);
  });

  it('counts the words of scripts that put no spaces between them', () => {
    const chinese =
      '画面中央有一座红色的房子，旁边是一棵绿色的大树，天空中飘着几朵白云，前面的小路上有两个孩子在骑自行车。';
    expect(reasonOf(chinese)).toBeNull();
    expect(reasonOf('一座红色的房子。')).toBe('captionShort');
  });

  it('finds a run of five words that comes twice, whatever its case and punctuation', () => {
    const twice = `The red car stands there, near ${words(20)}: the RED car stands there.`;
    expect(reasonOf(twice)).toBe('captionRepeats');
    expect(reasonOf(twice, { repeatedWords: 6 })).toBeNull();
    expect(reasonOf(twice, { repeatedWords: 0 })).toBeNull();
  });

  it('knows refusals at the beginning, with either apostrophe, and not the same words on a sign', () => {
    expect(reasonOf(`I’m sorry, but I can’t describe this. ${words(30)}`)).toBe('captionRefusal');
    expect(reasonOf(`As an AI, I see ${words(30)}`)).toBe('captionRefusal');
    expect(reasonOf(`${words(30)} and a sign that says: I'm sorry`)).toBeNull();
  });

  it('tells what the server said of an answer from what the text shows', () => {
    const of = (outcome: 'cut' | 'refused' | 'excluded', given: string | null) =>
      captionFault({ outcome, given, reason: 'length' }, filters)?.reason;
    expect(of('cut', words(50))).toBe('captionCut');
    expect(of('cut', '')).toBe('captionThoughts');
    expect(of('refused', null)).toBe('refused');
    expect(of('excluded', null)).toBe('refused');
    expect(reasonOf(' \n ')).toBe('captionEmpty');
    expect(reasonOf(null)).toBe('captionEmpty');
  });

  it('judges any text, and only ever lets pass what is inside the limits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const fault = captionFault({ outcome: 'answered', given: text, reason: null }, filters);
        if (fault === null) expect(normalCaption(text).split(' ').length).toBeGreaterThanOrEqual(20);
      }),
    );
  });
});

describe('normalCaption', () => {
  it('is the same for captions that differ in case, punctuation and spacing', () => {
    expect(normalCaption('A red, old  house.')).toBe(normalCaption('a Red old house'));
    expect(normalCaption('A red house')).not.toBe(normalCaption('A blue house'));
  });
});
