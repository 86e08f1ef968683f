/** Models that think aloud write their thoughts before the answer; the mark that opens them may lie in the template, unseen. */

const marked = /<(think(?:ing)?)>[\s\S]*?<\/\1>/gi;
const openedBefore = /^[\s\S]*<\/think(?:ing)?>/i;
const unended = /<think(?:ing)?>[\s\S]*$/i;

function behindEnded(text: string): string {
  return text.replace(marked, '').replace(openedBefore, '');
}

/** What stands behind the thoughts: nothing where they never end. */
export function withoutThoughts(text: string): string {
  return behindEnded(text).replace(unended, '');
}

/** Whether a text ends inside its thoughts: what it holds is no answer yet. */
export function endsInThoughts(text: string): boolean {
  return unended.test(behindEnded(text));
}
